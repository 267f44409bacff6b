// The one difference in what the modules compute: with relaxed SIMD a multiplication and an addition are one instruction,
// rounded once.

/** a · b + c in each of four lanes. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** Whole numbers below 2³¹ as floats: as signed numbers one instruction converts them, as unsigned ones it takes several. */
export function toFloats(numbers: v128): v128 {
  return f32x4.convert_i32x4_s(numbers);
}

/** A value held between two bounds. A NaN comes out as `high`, so that a fault is seen, not hidden as 0. */
export function clamped(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, value));
}

/** A value, or where it is negative its product with the slope of its channel. */
export function rectified(value: v128, slope: v128): v128 {
  return v128.bitselect(f32x4.mul(value, slope), value, f32x4.lt(value, f32x4.splat(0)));
}

/** The first `count` values at an address, with zeros for the other lanes. */
export function loadLanes(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  const none = f32x4.splat(0);
  if (count <= 0) return none;
  const first = v128.load_lane<f32>(from, none, 0);
  if (count === 1) return first;
  const second = v128.load_lane<f32>(from, first, 1, 4);
  return count === 2 ? second : v128.load_lane<f32>(from, second, 2, 8);
}

/** Stores the first `count` lanes. */
export function storeLanes(to: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, value);
    return;
  }
  v128.store_lane<f32>(to, value, 0);
  if (count > 1) v128.store_lane<f32>(to, value, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, value, 2, 8);
}
