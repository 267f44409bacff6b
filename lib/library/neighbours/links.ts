/** The maximum number of links of a row in the ground layer, and in each layer above. */
export const maxGround = 24;
export const maxUpper = 12;

const groundWidth = maxGround + 1;
const upperWidth = maxUpper + 1;

/** The links of consecutive rows, as they are stored. */
export interface LinkBlock {
  /** The highest layer of each row. */
  levels: Uint8Array;
  /** For each row the number of links, then the links, padded to {@link maxGround}. */
  ground: Uint32Array;
  /** The same for each upper layer of each row, padded to {@link maxUpper}: rows in order, layers ascending. */
  upper: Uint32Array;
}

/** The links of an HNSW graph. A list of links is a typed array with the number of links at index 0. */
export class Links {
  #levels = new Uint8Array(1024);
  #ground = new Uint32Array(1024 * groundWidth);
  readonly #upper = new Map<number, Uint32Array[]>();
  #size = 0;
  /** The row at which searches start. */
  entry = 0;
  /** The highest layer. */
  top = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends a row without links. */
  append(row: number, level: number): void {
    this.#size = row + 1;
    if (this.#size > this.#levels.length) this.#grow();
    this.#levels[row] = level;
    if (level > 0)
      this.#upper.set(
        row,
        Array.from({ length: level }, () => new Uint32Array(upperWidth)),
      );
    if (row === 0 || level > this.top) [this.entry, this.top] = [row, level];
  }

  of(row: number, layer: number): Uint32Array {
    if (layer === 0) return this.#ground.subarray(row * groundWidth, (row + 1) * groundWidth);
    return this.#upper.get(row)?.[layer - 1] as Uint32Array;
  }

  /** The rows that a row is linked to. */
  rowsOf(row: number, layer: number): Uint32Array {
    const list = this.of(row, layer);
    return list.subarray(1, 1 + (list[0] as number));
  }

  set(row: number, layer: number, rows: readonly number[]): void {
    const list = this.of(row, layer);
    list[0] = rows.length;
    list.set(rows, 1);
  }

  /** A copy of the links of the rows from `start` to before `end`. */
  block(start: number, end: number): LinkBlock {
    const upper: number[] = [];
    for (let row = start; row < end; row++) {
      for (const list of this.#upper.get(row) ?? []) for (const value of list) upper.push(value);
    }
    return {
      levels: this.#levels.slice(start, end),
      ground: this.#ground.slice(start * groundWidth, end * groundWidth),
      upper: Uint32Array.from(upper),
    };
  }

  /** Appends the first `count` rows of a block. */
  appendBlock({ levels, ground, upper }: LinkBlock, count = levels.length): void {
    let at = 0;
    for (let i = 0; i < count; i++) {
      const level = levels[i] as number;
      const row = this.#size;
      this.append(row, level);
      this.of(row, 0).set(ground.subarray(i * groundWidth, (i + 1) * groundWidth));
      for (let layer = 1; layer <= level; layer++) {
        this.of(row, layer).set(upper.subarray(at, at + upperWidth));
        at += upperWidth;
      }
    }
  }

  #grow(): void {
    const levels = new Uint8Array(this.#levels.length * 2);
    levels.set(this.#levels);
    this.#levels = levels;
    const ground = new Uint32Array(this.#ground.length * 2);
    ground.set(this.#ground);
    this.#ground = ground;
  }
}
