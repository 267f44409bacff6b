// The dot product of two vectors in the imported memory. lib/neighbours/dot-wasm.ts has the compiled module.

/** @param a the address of one vector, @param b of the other, @param n their length, a multiple of 8. */
export function dot(a: usize, b: usize, n: i32): f32 {
  let first = f32x4.splat(0);
  let second = f32x4.splat(0);
  for (let i = 0; i < n; i += 8) {
    first = f32x4.add(first, f32x4.mul(v128.load(a), v128.load(b)));
    second = f32x4.add(second, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  first = f32x4.add(first, second);
  return (
    f32x4.extract_lane(first, 0) +
    f32x4.extract_lane(first, 1) +
    f32x4.extract_lane(first, 2) +
    f32x4.extract_lane(first, 3)
  );
}
