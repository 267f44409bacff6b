import { convertToFloats } from './arithmetic';

// The resampling of lib/image/warp.ts, with SIMD over four channels and two neighbouring pixels.

/** Interpolation weights are fixed-point numbers with 14 fraction bits, so that they fit into signed 16-bit lanes. */
const weightBits = 14;
const one: i32 = 1 << weightBits;

/** Positions are fixed-point numbers with 32 fraction bits. */
const fractionBits = 32;
const onePixel: f64 = 4294967296;

/** A tolerance in pixels: more than the accumulated rounding of 4,096 steps, 2⁻³² each. */
const margin: f64 = 0.000001;

/**
 * Box filter: the mean of every block×block square of RGBA pixels. Squares at the right and bottom edge may be smaller.
 *
 * @param stride bytes from one row of pixels to the next. Up to 28 bytes past the last row are read.
 * @param block at most 256, so that the sums of a column fit into 16 bits.
 * @param sums scratch memory: 8 bytes per pixel of a row, for a multiple of 8 pixels.
 */
export function shrink(
  source: usize,
  stride: u32,
  width: i32,
  height: i32,
  block: i32,
  sums: usize,
  output: usize,
): void {
  for (let top = 0; top < height; top += block) {
    const rows = min(block, height - top);
    addRows(source + <u32>top * stride, stride, width, rows, sums);
    for (let left = 0; left < width; left += block, output += 4) {
      const columns = min(block, width - left);
      let total = i32x4.splat(0);
      for (let x = left; x < left + columns; x++) {
        total = i32x4.add(total, v128.load16x4_u(sums + ((<usize>x) << 3)));
      }
      const scale = f32x4.splat(1 / <f32>(columns * rows));
      writePixel(output, f32x4.mul(convertToFloats(total), scale));
    }
  }
}

/** Adds up each column of `rows` rows of pixels, in 16-bit words, eight pixels at a time. */
function addRows(source: usize, stride: u32, width: i32, rows: i32, to: usize): void {
  for (let x = 0; x < width; x += 8, source += 32, to += 64) {
    let a = i16x8.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let from = source;
    for (let y = 0; y < rows; y++, from += stride) {
      const left = v128.load(from);
      const right = v128.load(from, 16);
      a = i16x8.add(a, i16x8.extend_low_i8x16_u(left));
      b = i16x8.add(b, i16x8.extend_high_i8x16_u(left));
      c = i16x8.add(c, i16x8.extend_low_i8x16_u(right));
      d = i16x8.add(d, i16x8.extend_high_i8x16_u(right));
    }
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}

/**
 * Affine crop: each pixel is the mean of grid×grid bilinear samples; samples outside the picture are black.
 *
 * @param stride bytes from one row of the picture to the next.
 * @param a with `b` to `f`: the affine transform from positions in the crop to positions in the picture,
 *   (a·x + c·y + e, b·x + d·y + f).
 * @param grid 1 or 2.
 */
export function sample(
  source: usize,
  stride: u32,
  sourceWidth: i32,
  sourceHeight: i32,
  a: f64,
  b: f64,
  c: f64,
  d: f64,
  e: f64,
  f: f64,
  output: usize,
  width: i32,
  height: i32,
  grid: i32,
): void {
  const step = 1 / <f64>grid;
  const span = 1 - step;
  const scale = f32x4.splat(<f32>(step * step) / <f32>one);
  const right = <f64>sourceWidth - 0.5;
  const bottom = <f64>sourceHeight - 0.5;
  // The last position that has a neighbour to its right and below.
  const lastX = max<f64>(0, <f64>sourceWidth - 1.0001);
  const lastY = max<f64>(0, <f64>sourceHeight - 1.0001);
  const below: usize = sourceHeight > 1 ? stride : 0;
  // Steps from one sample to the next within a pixel, and from one pixel to the next.
  const acrossX = <i64>(a * step * onePixel);
  const acrossY = <i64>(b * step * onePixel);
  const downX = <i64>(c * step * onePixel);
  const downY = <i64>(d * step * onePixel);
  const nextX = <i64>(a * onePixel);
  const nextY = <i64>(b * onePixel);
  // The maximum distance of a pixel's centre from the picture if one of its samples is inside.
  const farX = 0.5 * (abs(a) + abs(c)) * span + margin;
  const farY = 0.5 * (abs(b) + abs(d)) * span + margin;
  for (let y = 0; y < height; y++) {
    // The position of the first sample of the row's first pixel.
    const u0 = 0.5 * step;
    const v0 = <f64>y + u0;
    const x0 = a * u0 + c * v0 + e - 0.5;
    const y0 = b * u0 + d * v0 + f - 0.5;
    // All samples of the pixels from `from` to `to` are inside the picture and need no clamping.
    const from = max(rowLimit(x0, a, c, span, lastX, true), rowLimit(y0, b, d, span, lastY, true));
    const to = min(rowLimit(x0, a, c, span, lastX, false), rowLimit(y0, b, d, span, lastY, false));
    let fixedX = <i64>(x0 * onePixel);
    let fixedY = <i64>(y0 * onePixel);
    for (let x = 0; x < width; x++, fixedX += nextX, fixedY += nextY) {
      let total: v128;
      if (<f64>x >= from && <f64>x <= to) {
        total = interpolate(source, stride, below, fixedX, fixedY);
        if (grid === 2) {
          total = i32x4.add(total, interpolate(source, stride, below, fixedX + acrossX, fixedY + acrossY));
          total = i32x4.add(total, interpolate(source, stride, below, fixedX + downX, fixedY + downY));
          total = i32x4.add(
            total,
            interpolate(source, stride, below, fixedX + acrossX + downX, fixedY + acrossY + downY),
          );
        }
      } else {
        total = i32x4.splat(0);
        const centreX = a * (<f64>x + 0.5) + c * (<f64>y + 0.5) + e;
        const centreY = b * (<f64>x + 0.5) + d * (<f64>y + 0.5) + f;
        const outside =
          max(-centreX, centreX - <f64>sourceWidth) > farX || max(-centreY, centreY - <f64>sourceHeight) > farY;
        for (let i = outside ? grid : 0; i < grid; i++) {
          const v = v0 + <f64>i * step;
          for (let j = 0; j < grid; j++) {
            const u = <f64>x + u0 + <f64>j * step;
            const sourceX = a * u + c * v + e - 0.5;
            const sourceY = b * u + d * v + f - 0.5;
            if (sourceX < -0.5 || sourceY < -0.5 || sourceX >= right || sourceY >= bottom) continue;
            const px = <i64>(min(max(sourceX, 0), lastX) * onePixel);
            const py = <i64>(min(max(sourceY, 0), lastY) * onePixel);
            total = i32x4.add(total, interpolate(source, stride, below, px, py));
          }
        }
      }
      writePixel(output, f32x4.mul(convertToFloats(total), scale));
      output += 4;
    }
  }
}

/**
 * Solves for the first or last pixel of a row whose samples all lie between 0 and `last` along one axis of the picture.
 * The result is fractional.
 *
 * @param start the position of the first sample of the row's first pixel.
 * @param across the step from one pixel to the next; `down` from one row to the next.
 * @param span the distance between a pixel's first and last sample, in pixels of the crop.
 */
function rowLimit(start: f64, across: f64, down: f64, span: f64, last: f64, isFirst: bool): f64 {
  const low = margin - start - min(0, across * span) - min(0, down * span);
  const high = last - margin - start - max(0, across * span) - max(0, down * span);
  if (across === 0) return (low <= 0 && high >= 0) === isFirst ? -Infinity : Infinity;
  return (across > 0 === isFirst ? low : high) / across;
}

/** Bilinear interpolation at a fixed-point position. The result is scaled by `one`. */
function interpolate(source: usize, stride: u32, below: usize, x: i64, y: i64): v128 {
  const address = source + <usize>(y >> fractionBits) * stride + ((<usize>(x >> fractionBits)) << 2);
  const across = <i32>(x >> (fractionBits - weightBits)) & (one - 1);
  const down = <i32>(y >> (fractionBits - weightBits)) & (one - 1);
  const both = (across * down) >> weightBits;
  const top = i32x4.splat((one - across - down + both) | ((across - both) << 16));
  const low = i32x4.splat((down - both) | (both << 16));
  return i32x4.add(weightedSum(v128.load64_zero(address), top), weightedSum(v128.load64_zero(address + below), low));
}

/** The weighted sum of two neighbouring pixels, for each channel. */
function weightedSum(pixels: v128, weights: v128): v128 {
  // The upper half of the vector is zero: shuffling it in widens the bytes to words.
  const words = v128.shuffle<u8>(pixels, pixels, 0, 8, 4, 8, 1, 8, 5, 8, 2, 8, 6, 8, 3, 8, 7, 8);
  return i32x4.dot_i16x8_s(words, weights);
}

/** Writes an opaque pixel. Rounds half to even, like Uint8ClampedArray. */
function writePixel(to: usize, value: v128): void {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.replace_lane(value, 3, 255)));
  const words = i16x8.narrow_i32x4_s(whole, whole);
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}
