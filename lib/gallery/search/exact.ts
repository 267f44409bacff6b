import { requireFinite } from '../../comparison/compare.ts';
import { distances } from '../../comparison/distance.ts';
import type { Metric } from '../../core/types.ts';
import { Nearest } from './nearest.ts';
import { checkedSearch, toNeighbours } from './results.ts';
import { EmbeddingTable } from './table.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/**
 * Exact linear search over one typed array, with partial distances: a comparison stops once the partial sum exceeds the
 * current bound. A gallery uses it.
 *
 * @example
 * const index = new ExactIndex(facenet.rule.dimension, facenet.rule.metric);
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: face.embedding }]);
 * const [nearest] = await index.search(probe.embedding, { limit: 1 });
 * show(nearest.person, nearest.distance);
 */
export class ExactIndex implements VectorIndex {
  readonly #table: EmbeddingTable;
  readonly #metric: Metric;

  /**
   * @param dimension the length of the embeddings.
   * @param metric the distance metric. Default: Euclidean.
   */
  constructor(dimension: number, metric: Metric = 'euclidean') {
    this.#table = new EmbeddingTable(dimension);
    this.#metric = metric;
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
    this.#table.add(entries);
  }

  /**
   * Removes enrolled faces. Unknown ids are ignored.
   *
   * @param ids the ids of the enrolled faces.
   */
  async remove(ids: readonly string[]): Promise<void> {
    this.#table.remove(ids);
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
    const distance = distances[this.#metric];
    const { vectors, dimension, size } = this.#table;
    const prunes = this.#metric === 'euclidean';
    for (let row = 0; row < size; row++) {
      if (prunes && isFarther(vectors, row * dimension, probe, nearest.bound)) continue;
      // The distance of compare(), so that both return identical values.
      nearest.offer(row, distance(this.#table.row(row), probe));
    }
    return toNeighbours(this.#table, nearest);
  }
}

/** Whether a vector is farther than a bound, with a margin for rounding. Stops early, in steps of 16 elements. */
function isFarther(vectors: Float32Array, offset: number, probe: Float32Array, bound: number): boolean {
  const limit = bound * bound * (1 + 1e-9);
  let sum = 0;
  let i = 0;
  for (; i + 16 <= probe.length; i += 16) {
    // Four independent sums, because dependent additions limit the throughput.
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let j = i; j < i + 16; j += 4) {
      const d0 = (vectors[offset + j] as number) - (probe[j] as number);
      const d1 = (vectors[offset + j + 1] as number) - (probe[j + 1] as number);
      const d2 = (vectors[offset + j + 2] as number) - (probe[j + 2] as number);
      const d3 = (vectors[offset + j + 3] as number) - (probe[j + 3] as number);
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    sum += s0 + s1 + s2 + s3;
    if (sum > limit) return true;
  }
  return false;
}
