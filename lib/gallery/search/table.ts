import { FaceNetError } from '../../core/errors.ts';
import type { IndexEntry } from './vector-index.ts';

/**
 * Embeddings in consecutive rows of one typed array, which doubles when it is full. Rows keep the order in which they
 * were added; removing one moves the later rows up.
 */
export class EmbeddingTable {
  readonly dimension: number;
  vectors: Float32Array;
  readonly ids: string[] = [];
  readonly people: string[] = [];
  readonly #rowOf = new Map<string, number>();

  /** @param dimension the length of the embeddings. */
  constructor(dimension: number) {
    this.dimension = dimension;
    this.vectors = new Float32Array(dimension * 64);
  }

  /** The number of rows. */
  get size(): number {
    return this.ids.length;
  }

  /** A view of one row. */
  row(index: number): Float32Array {
    return this.vectors.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  /** Adds or replaces embeddings. @returns the rows written. */
  add(entries: readonly IndexEntry[]): number[] {
    for (const { embedding } of entries) this.check(embedding);
    return entries.map((entry) => this.#put(entry));
  }

  /**
   * Removes embeddings.
   *
   * @returns the former numbers of the remaining rows, ascending; undefined if nothing was removed.
   */
  remove(ids: readonly string[]): number[] | undefined {
    const removed = new Set(ids.map((id) => this.#rowOf.get(id)));
    removed.delete(undefined);
    if (removed.size === 0) return undefined;
    const kept = this.ids.map((_, row) => row).filter((row) => !removed.has(row));
    kept.forEach((from, to) => {
      this.vectors.copyWithin(to * this.dimension, from * this.dimension, (from + 1) * this.dimension);
      this.ids[to] = this.ids[from] as string;
      this.people[to] = this.people[from] as string;
    });
    this.ids.length = kept.length;
    this.people.length = kept.length;
    // Biometric data that was removed must not remain in memory.
    this.vectors.fill(0, kept.length * this.dimension);
    this.#rowOf.clear();
    this.ids.forEach((id, row) => {
      this.#rowOf.set(id, row);
    });
    return kept;
  }

  /** Checks the length of an embedding. @throws {FaceNetError} `model-mismatch` */
  check(embedding: Float32Array): void {
    if (embedding.length !== this.dimension) {
      throw new FaceNetError(
        'model-mismatch',
        `The embedding has ${embedding.length} elements, the index stores ${this.dimension}: embed all faces with the same model.`,
      );
    }
  }

  #put({ id, person, embedding }: IndexEntry): number {
    const row = this.#rowOf.get(id) ?? this.size;
    if ((row + 1) * this.dimension > this.vectors.length) {
      const larger = new Float32Array(this.vectors.length * 2);
      larger.set(this.vectors);
      this.vectors = larger;
    }
    this.vectors.set(embedding, row * this.dimension);
    this.ids[row] = id;
    this.people[row] = person;
    this.#rowOf.set(id, row);
    return row;
  }
}
