/** How a weight is encoded in the file. */
export interface WeightEncoding {
  dtype: string;
  quantization?: { dtype: string; scale?: number; min?: number } | undefined;
}

/**
 * The values of a constant as the file stores them: plain numbers, 16-bit floats (IEEE 754 binary16), or integers q
 * that stand for q · scale + min.
 */
export type StoredValues =
  | { encoding: 'plain'; values: Float32Array | Int32Array }
  | { encoding: 'float16'; values: Uint16Array }
  | { encoding: 'quantised'; values: Uint8Array | Uint16Array; scale: number; min: number };

/** A constant tensor of a graph model: a weight, a shape, an axis. */
export class Constant {
  /**
   * @param shape in TensorFlow's order.
   * @param stored the values in row-major order.
   * @param factors the values are multiplied by these along the last axis.
   */
  constructor(
    readonly shape: number[],
    readonly dtype: 'float32' | 'int32',
    readonly stored: StoredValues,
    readonly factors?: Float32Array,
  ) {}

  /** The decoded values. Read-only: plain values are not copied. */
  get values(): Float32Array | Int32Array {
    const values = decodeValues(this.stored);
    return this.factors ? scaleLastAxis(values, this.factors) : values;
  }

  /** The same values in another shape. The element count and the last axis must not change. */
  reshaped(shape: number[]): Constant {
    return new Constant(shape, this.dtype, this.stored, this.factors);
  }

  /** This tensor times a vector along its last axis. */
  scaledBy(vector: Float32Array): Constant {
    const factors = this.factors?.map((factor, i) => factor * (vector[i] as number)) ?? vector;
    return new Constant(this.shape, 'float32', this.stored, factors);
  }
}

/** The number of elements of a tensor. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The size of one element in the file, in bytes. */
export function bytesPerElement({ dtype, quantization }: WeightEncoding): number {
  const stored = quantization?.dtype ?? dtype;
  if (stored === 'uint8') return 1;
  return stored === 'float16' || stored === 'uint16' ? 2 : 4;
}

/** The values of a weight, from its bytes in the file. */
export function storedValues({ dtype, quantization }: WeightEncoding, bytes: Uint8Array<ArrayBuffer>): StoredValues {
  const { scale = 1, min = 0 } = quantization ?? {};
  if (dtype === 'float32' && quantization?.dtype === 'uint8')
    return { encoding: 'quantised', values: bytes, scale, min };
  // A typed array of wider elements needs an aligned offset, which the file does not guarantee: copy.
  const { buffer } = bytes.slice();
  if (dtype === 'int32') return { encoding: 'plain', values: new Int32Array(buffer) };
  if (!quantization) return { encoding: 'plain', values: new Float32Array(buffer) };
  if (quantization.dtype === 'float16') return { encoding: 'float16', values: new Uint16Array(buffer) };
  return { encoding: 'quantised', values: new Uint16Array(buffer), scale, min };
}

/** Decodes stored values to numbers. Plain values are not copied. */
export function decodeValues(stored: StoredValues): Float32Array | Int32Array {
  if (stored.encoding === 'plain') return stored.values;
  if (stored.encoding === 'float16') return decodeFloat16(stored.values);
  const { values: quantised, scale, min } = stored;
  const values = new Float32Array(quantised.length);
  for (let i = 0; i < values.length; i++) values[i] = (quantised[i] as number) * scale + min;
  return values;
}

function decodeFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 0) values[i] = (sign ? -1 : 1) * fraction * 2 ** -24;
    else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  }
  return values;
}

function scaleLastAxis(values: Float32Array | Int32Array, factors: Float32Array): Float32Array {
  const product = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += factors.length) {
    for (let j = 0; j < factors.length; j++) product[i + j] = (values[i + j] as number) * (factors[j] as number);
  }
  return product;
}
