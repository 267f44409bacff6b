import { graphBlockSize } from './block-size.ts';

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

/**
 * The links of an HNSW graph. A list of links is a typed array with the number of links at index 0. The lists of the ground layer are in
 * blocks of the size of stored ones, so that neither growing nor storing copies all of them.
 */
export class Links {
  readonly #levels: Uint8Array[] = [];
  readonly #ground: Uint32Array[] = [];
  /** The lists of the upper layers: those of a row from its start on, layers ascending. An array of its own would take 200 bytes more. */
  #upper = new Uint32Array(128 * upperWidth);
  readonly #upperStarts = new Map<number, number>();
  #upperSize = 0;
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
    if (row % graphBlockSize === 0) this.#appendEmptyBlock();
    this.#size = row + 1;
    (this.#levels.at(-1) as Uint8Array)[row % graphBlockSize] = level;
    if (level > 0) this.#appendUpper(row, level);
    if (row === 0 || level > this.top) [this.entry, this.top] = [row, level];
  }

  /** The list of a row in a layer that it has. It is no longer that list after a row is appended. */
  of(row: number, layer: number): Uint32Array {
    if (layer === 0) {
      const start = (row % graphBlockSize) * groundWidth;
      return (this.#ground[Math.floor(row / graphBlockSize)] as Uint32Array).subarray(start, start + groundWidth);
    }
    const start = (this.#upperStarts.get(row) as number) + (layer - 1) * upperWidth;
    return this.#upper.subarray(start, start + upperWidth);
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

  /** The links of a block of rows. Those of a full block's ground layer are not copied: they change when rows are added. */
  block(number: number): LinkBlock {
    const start = number * graphBlockSize;
    const count = Math.min(graphBlockSize, this.#size - start);
    const [levels, ground] = [this.#levels[number] as Uint8Array, this.#ground[number] as Uint32Array];
    const isFull = count === graphBlockSize;
    return {
      levels: isFull ? levels : levels.slice(0, count),
      ground: isFull ? ground : ground.slice(0, count * groundWidth),
      upper: this.#upper.slice(this.#upperStart(start), this.#upperStart(start + count)),
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

  #appendUpper(row: number, level: number): void {
    const start = this.#upperSize;
    this.#upperStarts.set(row, start);
    this.#upperSize += level * upperWidth;
    if (this.#upperSize <= this.#upper.length) return;
    const upper = new Uint32Array(2 * this.#upperSize);
    upper.set(this.#upper);
    this.#upper = upper;
  }

  /** Where the lists of the first row from `row` on begin that has some. */
  #upperStart(row: number): number {
    for (let next = row; next < this.#size; next++) {
      const start = this.#upperStarts.get(next);
      if (start !== undefined) return start;
    }
    return this.#upperSize;
  }

  #appendEmptyBlock(): void {
    this.#levels.push(new Uint8Array(graphBlockSize));
    this.#ground.push(new Uint32Array(graphBlockSize * groundWidth));
  }
}
