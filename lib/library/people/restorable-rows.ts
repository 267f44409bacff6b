/** Rows by their keys, with the stored rows of those that were changed. */
export class RestorableRows<K, Row> {
  readonly #rows: Map<K, Row>;
  readonly #replaced = new Map<K, Row | undefined>();

  constructor(rows: Iterable<readonly [K, Row]>) {
    this.#rows = new Map(rows);
  }

  get rows(): ReadonlyMap<K, Row> {
    return this.#rows;
  }

  /** Replaces a row. @param row undefined removes it. */
  set(key: K, row: Row | undefined): void {
    if (!this.#replaced.has(key)) this.#replaced.set(key, this.#rows.get(key));
    this.#put(key, row);
  }

  /** Notes that all rows are stored. */
  markStored(): void {
    this.#replaced.clear();
  }

  /** Restores what is stored. */
  rollBack(): void {
    for (const [key, row] of this.#replaced) this.#put(key, row);
    this.#replaced.clear();
  }

  #put(key: K, row: Row | undefined): void {
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
  }
}
