/** Collects the nearest rows in a sorted list. For short lists insertion is faster than a heap. */
export class Nearest {
  readonly #limit: number;
  readonly rows: number[] = [];
  readonly distances: number[] = [];
  /** The largest distance that is still accepted. */
  bound: number;

  /**
   * @param limit the maximum number of rows.
   * @param within the largest distance to accept.
   */
  constructor(limit: number, within: number) {
    this.#limit = limit;
    this.bound = within;
  }

  /**
   * Adds a row if it is near enough. Rows at the same distance are sorted by their number, whatever the order of calls.
   */
  offer(row: number, distance: number): void {
    if (!(distance <= this.bound)) return;
    let index = this.rows.length;
    while (index > 0 && this.#isBehind(index - 1, row, distance)) index--;
    if (index >= this.#limit) return;
    this.rows.splice(index, 0, row);
    this.distances.splice(index, 0, distance);
    if (this.rows.length > this.#limit) {
      this.rows.pop();
      this.distances.pop();
    }
    if (this.rows.length === this.#limit) this.bound = this.distances[this.#limit - 1] as number;
  }

  #isBehind(index: number, row: number, distance: number): boolean {
    const other = this.distances[index] as number;
    return other > distance || (other === distance && (this.rows[index] as number) > row);
  }
}
