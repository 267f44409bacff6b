import { requireFinite } from '../../comparison/compare.ts';
import { euclideanDistance } from '../../comparison/distance.ts';
import { Nearest } from './nearest.ts';
import { checkedSearch, toNeighbours } from './results.ts';
import { EmbeddingTable } from './table.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/** The value of code 127. Elements of unit-length embeddings rarely exceed it; larger ones are clamped. */
const range = 0.4;
const step = range / 127;

/**
 * Exact linear search that compares int8 copies first and the embeddings only if the copies are inconclusive. By the
 * triangle inequality the distance of the copies differs from the true one by at most ‖x − x̂‖ + ‖q − q̂‖. A vector
 * beyond the current bound plus this error cannot be a neighbour.
 *
 * Euclidean distance only. It takes a quarter more memory than {@link ExactIndex}. Whether it is faster depends on the
 * JavaScript engine and on the distances of the neighbours; docs/search.md has measurements.
 *
 * @example
 * const index = new QuantisedIndex(facenet.rule.dimension);
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: face.embedding }]);
 * const { candidates } = await identifyIn(index, probe.embedding, facenet.rule);
 */
export class QuantisedIndex implements VectorIndex {
  readonly #table: EmbeddingTable;
  #codes: Int8Array;
  /** The distance of each embedding from its copy. */
  #errors: Float32Array;

  /** @param dimension the length of the embeddings. */
  constructor(dimension: number) {
    this.#table = new EmbeddingTable(dimension);
    this.#codes = new Int8Array(this.#table.vectors.length);
    this.#errors = new Float32Array(this.#table.vectors.length / dimension);
  }

  /** The number of enrolled faces in the index. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Adds or replaces enrolled faces.
   *
   * @param entries the faces, each with its id and its person's, and an embedding of the model that the index is for.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another length.
   */
  async add(entries: readonly IndexEntry[]): Promise<void> {
    const rows = this.#table.add(entries);
    this.#grow();
    for (const row of rows) {
      const { codes, error } = quantise(this.#table.row(row));
      this.#codes.set(codes, row * this.#table.dimension);
      this.#errors[row] = error;
    }
  }

  /**
   * Removes enrolled faces. Unknown ids are ignored.
   *
   * @param ids the ids of the enrolled faces.
   */
  async remove(ids: readonly string[]): Promise<void> {
    const kept = this.#table.remove(ids);
    if (!kept) return;
    const { dimension } = this.#table;
    kept.forEach((from, to) => {
      this.#codes.copyWithin(to * dimension, from * dimension, (from + 1) * dimension);
      this.#errors[to] = this.#errors[from] as number;
    });
    this.#codes.fill(0, kept.length * dimension);
  }

  /**
   * Finds the nearest enrolled faces.
   *
   * @param probe the embedding to search for, rotated if those in the index are.
   * @param options the maximum number and distance of the neighbours, and a signal that cancels the call.
   * @returns the neighbours, nearest first; ties in the order of addition.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another length; `option-invalid`.
   */
  async search(probe: Float32Array, options: SearchOptions = {}): Promise<Neighbour[]> {
    const { limit, within } = checkedSearch(options);
    this.#table.check(probe);
    requireFinite(probe);
    const nearest = new Nearest(limit, within);
    const { codes, error } = quantise(probe);
    const { size, dimension } = this.#table;
    for (let row = 0; row < size; row++) {
      const slack = nearest.bound + error + (this.#errors[row] as number);
      // A margin for the rounding of these sums.
      const maxSum = (slack / step) ** 2 * (1 + 1e-6);
      if (isFarther(this.#codes, row * dimension, codes, maxSum)) continue;
      nearest.offer(row, euclideanDistance(this.#table.row(row), probe));
    }
    return toNeighbours(this.#table, nearest);
  }

  #grow(): void {
    const { length } = this.#table.vectors;
    if (length === this.#codes.length) return;
    const [codes, errors] = [new Int8Array(length), new Float32Array(length / this.#table.dimension)];
    codes.set(this.#codes);
    errors.set(this.#errors);
    [this.#codes, this.#errors] = [codes, errors];
  }
}

/** Rounds a vector to int8 codes. */
function quantise(vector: Float32Array): { codes: Int8Array; error: number } {
  const codes = Int8Array.from(vector, (value) => Math.max(-127, Math.min(127, Math.round(value / step))));
  const error = Math.hypot(...vector.map((value, i) => value - (codes[i] as number) * step));
  // A margin for rounding to float32: an understated error would lose neighbours.
  return { codes, error: error * (1 + 1e-6) };
}

/** Whether the squared distance of two code vectors exceeds a limit. Stops early, in steps of 32 elements. */
function isFarther(codes: Int8Array, offset: number, probe: Int8Array, maxSum: number): boolean {
  let sum = 0;
  for (let i = 0; i < probe.length; ) {
    const end = Math.min(i + 32, probe.length);
    for (; i < end; i++) {
      const difference = ((codes[offset + i] as number) - (probe[i] as number)) | 0;
      sum = (sum + Math.imul(difference, difference)) | 0;
    }
    if (sum > maxSum) return true;
  }
  return false;
}
