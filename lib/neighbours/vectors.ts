import { type Dot, startDot } from './dot-wasm.ts';

/** The number of vectors by which the memory grows. */
const chunkRows = 4096;
const pageBytes = 65_536;
const floatBytes = 4;

/** The row of a vector that is compared with the others, but is none of them. */
export const probe = -1;

/** Vectors of length 1 that are compared in pairs. */
export interface Vectors {
  readonly dimension: number;
  readonly size: number;
  /** Appends a vector. @returns its row. */
  add(vector: Float32Array): number;
  /** Replaces the vector of a row, or of the {@link probe}. */
  set(row: number, vector: Float32Array): void;
  /** A copy of one vector. */
  row(row: number): Float32Array;
  /** 1 minus the dot product of two rows: half of the squared Euclidean distance, and the cosine distance. */
  distance(a: number, b: number): number;
}

/** Vectors in a memory of WebAssembly if it is available, because SIMD halves the time of a comparison; else in typed arrays. */
export function createVectors(dimension: number): Vectors {
  const started = startDot();
  return started ? new MemoryVectors(dimension, started.memory, started.dot) : new ArrayVectors(dimension);
}

class MemoryVectors implements Vectors {
  readonly dimension: number;
  readonly #memory: WebAssembly.Memory;
  readonly #dot: Dot;
  /** The length of a stored vector: the dimension, padded with zeros. */
  readonly #length: number;
  #size = 0;

  constructor(dimension: number, memory: WebAssembly.Memory, dot: Dot) {
    this.dimension = dimension;
    this.#memory = memory;
    this.#dot = dot;
    this.#length = 8 * Math.ceil(dimension / 8);
    this.#reserve(chunkRows);
  }

  get size(): number {
    return this.#size;
  }

  add(vector: Float32Array): number {
    const row = this.#size;
    if (row % chunkRows === 0) this.#reserve(row + chunkRows);
    this.set(row, vector);
    this.#size++;
    return row;
  }

  set(row: number, vector: Float32Array): void {
    this.#view(row).set(vector);
  }

  row(row: number): Float32Array {
    return this.#view(row).slice();
  }

  distance(a: number, b: number): number {
    return 1 - this.#dot(this.#address(a), this.#address(b), this.#length);
  }

  /** The probe comes before the rows. */
  #address(row: number): number {
    return (row + 1) * this.#length * floatBytes;
  }

  /** Growing the memory detaches earlier views. */
  #view(row: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#address(row), this.dimension);
  }

  #reserve(rows: number): void {
    const missing = this.#address(rows) - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
  }
}

class ArrayVectors implements Vectors {
  readonly dimension: number;
  readonly #probe: Float32Array;
  /** Chunks are never copied, so that growing takes no second copy of all vectors. */
  readonly #chunks: Float32Array[] = [];
  #size = 0;

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#probe = new Float32Array(dimension);
  }

  get size(): number {
    return this.#size;
  }

  add(vector: Float32Array): number {
    const row = this.#size;
    if (row % chunkRows === 0) this.#chunks.push(new Float32Array(chunkRows * this.dimension));
    this.set(row, vector);
    this.#size++;
    return row;
  }

  set(row: number, vector: Float32Array): void {
    this.#chunk(row).set(vector, this.#start(row));
  }

  row(row: number): Float32Array {
    const start = this.#start(row);
    return this.#chunk(row).slice(start, start + this.dimension);
  }

  distance(a: number, b: number): number {
    return 1 - dotAt(this.#chunk(a), this.#start(a), this.#chunk(b), this.#start(b), this.dimension);
  }

  #chunk(row: number): Float32Array {
    return row === probe ? this.#probe : (this.#chunks[Math.floor(row / chunkRows)] as Float32Array);
  }

  #start(row: number): number {
    return row === probe ? 0 : (row % chunkRows) * this.dimension;
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
