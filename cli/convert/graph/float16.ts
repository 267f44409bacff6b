const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The largest finite float16. */
const max = 65504;

/**
 * The bits of the float16 nearest to a number, ties to even. Numbers beyond the range of float16 become the largest finite one.
 */
export function float16(value: number): number {
  float[0] = Math.min(Math.abs(value), max);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const [single] = bits as unknown as [number];
  const exponent = (single >>> 23) - 112;
  // Subnormal numbers, below 2⁻¹⁴, are multiples of 2⁻²⁴.
  if (exponent <= 0) return sign | roundToEven((float[0] as number) * 2 ** 24);
  const mantissa = single & 0x7fffff;
  return sign | roundToEven((exponent << 10) + mantissa / 2 ** 13);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The number that the bits of a float16 stand for. */
export function float32FromHalf(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 0x3ff];
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
