import { distances } from '../../comparison/distance.ts';
import type { Metric } from '../../core/types.ts';
import { checkedSearch, neighbours } from './answer.ts';
import { Nearest } from './nearest.ts';
import { EmbeddingTable } from './table.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/**
 * The index that a gallery uses: every template is compared, one after another in one typed array; what is certain after a
 * part of the numbers to lie too far is given up there (partial distances).
 */
export class ExactIndex implements VectorIndex {
  readonly #table: EmbeddingTable;
  readonly #metric: Metric;

  /**
   * @param dimension how many numbers an embedding has.
   * @param metric how embeddings are compared. Default: Euclidean.
   */
  constructor(dimension: number, metric: Metric = 'euclidean') {
    this.#table = new EmbeddingTable(dimension);
    this.#metric = metric;
  }

  get size(): number {
    return this.#table.size;
  }

  async add(entries: readonly IndexEntry[]): Promise<void> {
    this.#table.add(entries);
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.#table.remove(ids);
  }

  async search(probe: Float32Array, options: SearchOptions = {}): Promise<Neighbour[]> {
    const { limit, within } = checkedSearch(options);
    this.#table.check(probe);
    const nearest = new Nearest(limit, within);
    const distance = distances[this.#metric];
    const { vectors, dimension, size } = this.#table;
    const prunes = this.#metric === 'euclidean';
    for (let row = 0; row < size; row++) {
      if (prunes && isFarther(vectors, row * dimension, probe, nearest.bound)) continue;
      // The comparison's own function decides, so that the answer is that of comparing one by one to the last bit.
      nearest.offer(row, distance(this.#table.row(row), probe));
    }
    return neighbours(this.#table, nearest);
  }
}

/** Whether a vector is farther than a bound, by more than rounding can hide: found in steps of 16 numbers. */
function isFarther(vectors: Float32Array, offset: number, probe: Float32Array, bound: number): boolean {
  const limit = bound * bound * (1 + 1e-9);
  let sum = 0;
  let i = 0;
  for (; i + 16 <= probe.length; i += 16) {
    // Four sums of their own, since additions that wait for one another are what takes the time.
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
