import { FaceNetError } from '../../core/errors.ts';
import type { IndexEntry } from './vector-index.ts';

/**
 * Embeddings side by side in one typed array, which grows by doubling. Rows stay in the order in which they were added; a
 * removed one is closed up at once.
 */
export class EmbeddingTable {
  readonly dimension: number;
  vectors: Float32Array;
  readonly ids: string[] = [];
  readonly people: string[] = [];
  readonly #rowOf = new Map<string, number>();

  /** @param dimension how many numbers an embedding has. */
  constructor(dimension: number) {
    this.dimension = dimension;
    this.vectors = new Float32Array(dimension * 64);
  }

  get size(): number {
    return this.ids.length;
  }

  row(index: number): Float32Array {
    return this.vectors.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  /** @returns the rows that were written, new or replaced. */
  add(entries: readonly IndexEntry[]): number[] {
    for (const { embedding } of entries) this.check(embedding);
    return entries.map((entry) => this.#put(entry));
  }

  /** @returns the rows that stay, by ascending number, as they were numbered before; undefined when nothing was removed. */
  remove(ids: readonly string[]): number[] | undefined {
    const gone = new Set(ids.map((id) => this.#rowOf.get(id)));
    gone.delete(undefined);
    if (gone.size === 0) return undefined;
    const stay = this.ids.map((_, row) => row).filter((row) => !gone.has(row));
    stay.forEach((from, to) => {
      this.vectors.copyWithin(to * this.dimension, from * this.dimension, (from + 1) * this.dimension);
      this.ids[to] = this.ids[from] as string;
      this.people[to] = this.people[from] as string;
    });
    this.ids.length = stay.length;
    this.people.length = stay.length;
    // What was removed must not stay in memory behind the last row.
    this.vectors.fill(0, stay.length * this.dimension);
    this.#rowOf.clear();
    this.ids.forEach((id, row) => {
      this.#rowOf.set(id, row);
    });
    return stay;
  }

  /** @throws {FaceNetError} `model-mismatch` for an embedding of another length. */
  check(embedding: Float32Array): void {
    if (embedding.length !== this.dimension) {
      throw new FaceNetError(
        'model-mismatch',
        `The embedding has ${embedding.length} numbers where the index holds ${this.dimension}: embed all faces with one model.`,
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
