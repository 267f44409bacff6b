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
    if (row % graphBlockSize === 0) this.#appendEmptyBlock();
    this.#size = row + 1;
    (this.#levels.at(-1) as Uint8Array)[row % graphBlockSize] = level;
    if (level > 0)
      this.#upper.set(
        row,
        Array.from({ length: level }, () => new Uint32Array(upperWidth)),
      );
    if (row === 0 || level > this.top) [this.entry, this.top] = [row, level];
  }

  of(row: number, layer: number): Uint32Array {
    if (layer === 0) {
      const start = (row % graphBlockSize) * groundWidth;
      return (this.#ground[Math.floor(row / graphBlockSize)] as Uint32Array).subarray(start, start + groundWidth);
    }
    return this.#upper.get(row)?.[layer - 1] as Uint32Array;
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
    const upper: number[] = [];
    for (let row = start; row < start + count; row++) {
      for (const list of this.#upper.get(row) ?? []) for (const value of list) upper.push(value);
    }
    const [levels, ground] = [this.#levels[number] as Uint8Array, this.#ground[number] as Uint32Array];
    const isFull = count === graphBlockSize;
    return {
      levels: isFull ? levels : levels.slice(0, count),
      ground: isFull ? ground : ground.slice(0, count * groundWidth),
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

  #appendEmptyBlock(): void {
    this.#levels.push(new Uint8Array(graphBlockSize));
    this.#ground.push(new Uint32Array(graphBlockSize * groundWidth));
  }
}
