/** The number of vectors in a chunk. Chunks are never copied, so that growing takes no second copy of all vectors. */
const chunkRows = 4096;

/** Vectors of length 1 in chunks of typed arrays. */
export class Vectors {
  readonly dimension: number;
  readonly #chunks: Float32Array[] = [];
  #size = 0;

  constructor(dimension: number) {
    this.dimension = dimension;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a vector. @returns its row. */
  add(vector: Float32Array): number {
    const row = this.#size++;
    if (row % chunkRows === 0) this.#chunks.push(new Float32Array(chunkRows * this.dimension));
    this.#chunks.at(-1)?.set(vector, (row % chunkRows) * this.dimension);
    return row;
  }

  /** A view of one vector. */
  row(row: number): Float32Array {
    const start = (row % chunkRows) * this.dimension;
    return (this.#chunks[Math.floor(row / chunkRows)] as Float32Array).subarray(start, start + this.dimension);
  }

  /** 1 minus the dot product with a vector: half of the squared Euclidean distance, and the cosine distance. */
  distance(row: number, vector: Float32Array): number {
    const chunk = this.#chunks[Math.floor(row / chunkRows)] as Float32Array;
    const start = (row % chunkRows) * this.dimension;
    let [a, b, c, d] = [0, 0, 0, 0];
    let i = 0;
    // Four sums, because a single one would wait for each addition.
    for (; i + 3 < vector.length; i += 4) {
      a += (chunk[start + i] as number) * (vector[i] as number);
      b += (chunk[start + i + 1] as number) * (vector[i + 1] as number);
      c += (chunk[start + i + 2] as number) * (vector[i + 2] as number);
      d += (chunk[start + i + 3] as number) * (vector[i + 3] as number);
    }
    for (; i < vector.length; i++) a += (chunk[start + i] as number) * (vector[i] as number);
    return 1 - (a + b + c + d);
  }
}
