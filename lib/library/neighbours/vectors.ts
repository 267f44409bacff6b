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
    return 1 - dotAt(chunk, (row % chunkRows) * this.dimension, vector, 0, this.dimension);
  }

  /** The same for two rows, without a view of either. */
  distanceBetween(a: number, b: number): number {
    const { dimension } = this;
    const x = this.#chunks[Math.floor(a / chunkRows)] as Float32Array;
    const y = this.#chunks[Math.floor(b / chunkRows)] as Float32Array;
    return 1 - dotAt(x, (a % chunkRows) * dimension, y, (b % chunkRows) * dimension, dimension);
  }
}

/** The dot product of `length` elements of two arrays, each from a start on. Four sums, because a single one would wait for each addition. */
function dotAt(x: Float32Array, xStart: number, y: Float32Array, yStart: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (x[xStart + i] as number) * (y[yStart + i] as number);
    b += (x[xStart + i + 1] as number) * (y[yStart + i + 1] as number);
    c += (x[xStart + i + 2] as number) * (y[yStart + i + 2] as number);
    d += (x[xStart + i + 3] as number) * (y[yStart + i + 3] as number);
  }
  for (; i < length; i++) a += (x[xStart + i] as number) * (y[yStart + i] as number);
  return a + b + c + d;
}
