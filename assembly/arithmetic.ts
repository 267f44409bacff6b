// The modules for relaxed SIMD differ from the other in multiplyAdd() alone: one instruction, which rounds once instead
// of twice.

/** a · b + c, lane by lane. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/**
 * Converts integers from 0 to 2³¹ − 1 to floats. The signed conversion is one machine instruction, the unsigned one
 * several.
 */
export function convertToFloats(integers: v128): v128 {
  return f32x4.convert_i32x4_s(integers);
}

/** Clamps to [low, high]. NaN becomes `high`, so that a fault shows up instead of becoming 0. */
export function clamped(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, value));
}

/** PReLU: negative values times the slope of their channel. */
export function rectified(value: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  return multiplyAdd(f32x4.pmin(value, zero), slope, f32x4.pmax(value, zero));
}

/** Loads the first `count` lanes; the others are 0. */
export function loadLanes(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  const zero = f32x4.splat(0);
  if (count <= 0) return zero;
  const first = v128.load_lane<f32>(from, zero, 0);
  if (count === 1) return first;
  const second = v128.load_lane<f32>(from, first, 1, 4);
  return count === 2 ? second : v128.load_lane<f32>(from, second, 2, 8);
}

/** Stores the first `count` lanes, at least one. */
export function storeLanes(to: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, value);
    return;
  }
  v128.store_lane<f32>(to, value, 0);
  if (count > 1) v128.store_lane<f32>(to, value, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, value, 2, 8);
}

/** Stores two vectors one after the other. */
export function storePair(to: usize, first: v128, second: v128): void {
  v128.store(to, first);
  v128.store(to, second, 16);
}

/** Stores the first `count` lanes of two vectors, at least one and fewer than 8. */
export function storeChannels(to: usize, first: v128, second: v128, count: i32): void {
  storeLanes(to, first, count);
  if (count > 4) storeLanes(to + 16, second, count - 4);
}
