import { euclideanDistance } from '../../comparison/distance.ts';
import { checkedSearch, neighbours } from './answer.ts';
import { Nearest } from './nearest.ts';
import { EmbeddingTable } from './table.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/** What 127 stands for. Embeddings have length 1, and their largest number is seldom above this; beyond it is cut off. */
const range = 0.4;
const step = range / 127;

/**
 * An index that looks at int8 copies first and at the embeddings themselves only where those leave it open. It is exact:
 * the copy's distance is off by no more than both roundings (‖x − x̂‖ + ‖q − q̂‖, by the triangle inequality), so what lies
 * farther than the bound and this together cannot be a neighbour.
 *
 * Euclidean distance only. It holds a quarter more than {@link ExactIndex}; whether it is faster depends on the engine and
 * on how near the neighbours are: `docs/search.md` has figures.
 */
export class QuantisedIndex implements VectorIndex {
  readonly #table: EmbeddingTable;
  #codes: Int8Array;
  /** How far each embedding is from its copy. */
  #errors: Float32Array;

  /** @param dimension how many numbers an embedding has. */
  constructor(dimension: number) {
    this.#table = new EmbeddingTable(dimension);
    this.#codes = new Int8Array(this.#table.vectors.length);
    this.#errors = new Float32Array(this.#table.vectors.length / dimension);
  }

  get size(): number {
    return this.#table.size;
  }

  async add(entries: readonly IndexEntry[]): Promise<void> {
    const rows = this.#table.add(entries);
    this.#grow();
    for (const row of rows) {
      const { codes, error } = quantise(this.#table.row(row));
      this.#codes.set(codes, row * this.#table.dimension);
      this.#errors[row] = error;
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    const stay = this.#table.remove(ids);
    if (!stay) return;
    const { dimension } = this.#table;
    stay.forEach((from, to) => {
      this.#codes.copyWithin(to * dimension, from * dimension, (from + 1) * dimension);
      this.#errors[to] = this.#errors[from] as number;
    });
    this.#codes.fill(0, stay.length * dimension);
  }

  async search(probe: Float32Array, options: SearchOptions = {}): Promise<Neighbour[]> {
    const { limit, within } = checkedSearch(options);
    this.#table.check(probe);
    const nearest = new Nearest(limit, within);
    const { codes, error } = quantise(probe);
    const { size, dimension } = this.#table;
    for (let row = 0; row < size; row++) {
      const slack = nearest.bound + error + (this.#errors[row] as number);
      // A little more than the bound, so that the rounding of these sums themselves hides nothing.
      const most = (slack / step) ** 2 * (1 + 1e-6);
      if (isFarther(this.#codes, row * dimension, codes, most)) continue;
      nearest.offer(row, euclideanDistance(this.#table.row(row), probe));
    }
    return neighbours(this.#table, nearest);
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

function quantise(vector: Float32Array): { codes: Int8Array; error: number } {
  const codes = Int8Array.from(vector, (value) => Math.max(-127, Math.min(127, Math.round(value / step))));
  const error = Math.hypot(...vector.map((value, i) => value - (codes[i] as number) * step));
  // One float32 rounding up: the error must never be stated too small.
  return { codes, error: error * (1 + 1e-6) };
}

function isFarther(codes: Int8Array, offset: number, probe: Int8Array, most: number): boolean {
  let sum = 0;
  for (let i = 0; i < probe.length; ) {
    const end = Math.min(i + 32, probe.length);
    for (; i < end; i++) {
      const difference = ((codes[offset + i] as number) - (probe[i] as number)) | 0;
      sum = (sum + Math.imul(difference, difference)) | 0;
    }
    if (sum > most) return true;
  }
  return false;
}
