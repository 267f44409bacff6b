import { toFloats } from './arithmetic';

// What lib/image/warp.ts does in JavaScript, on four channels and two neighbouring pixels at a time.

/** Shares of a pixel are whole numbers, of which so many are one: 14 bits, so that they fit into signed words. */
const shareBits = 14;
const one: i32 = 1 << shareBits;

/** Positions are whole numbers too, with so many bits behind the point. */
const fractionBits = 32;
const onePixel: f64 = 4294967296;

/** In pixels: more than the rounding of steps, 2⁻³² each, adds up to in a row of 4,096. */
const margin: f64 = 0.000001;

/**
 * The mean of every block×block square of pixels (red, green, blue, alpha); the squares at the right and bottom edge may be
 * smaller.
 *
 * @param stride the bytes from one row of pixels to the next; some behind the last row are read too.
 * @param block at most 256, so that the sums of a column fit into words.
 * @param sums room for a row of pixels, eight bytes each, rounded up to eight pixels.
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
      const share = f32x4.splat(1 / <f32>(columns * rows));
      writePixel(output, f32x4.mul(toFloats(total), share));
    }
  }
}

/** The sum of each column of so many rows of pixels, as words: eight pixels at a time. */
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
 * Bilinear samples of a picture for every pixel of a crop: the mean of a grid of `grid`×`grid` of them; black outside.
 *
 * @param stride the bytes from one row of the picture to the next.
 * @param a to f: the transform that takes a position in the crop to one in the picture.
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
  const reach = 1 - step;
  const share = f32x4.splat(<f32>(step * step) / <f32>one);
  const right = <f64>sourceWidth - 0.5;
  const bottom = <f64>sourceHeight - 0.5;
  // The last position that still has a neighbour to its right and below.
  const lastX = max<f64>(0, <f64>sourceWidth - 1.0001);
  const lastY = max<f64>(0, <f64>sourceHeight - 1.0001);
  const below: usize = sourceHeight > 1 ? stride : 0;
  // From one sample to the next within a pixel, and from one pixel to the next.
  const acrossX = <i64>(a * step * onePixel);
  const acrossY = <i64>(b * step * onePixel);
  const downX = <i64>(c * step * onePixel);
  const downY = <i64>(d * step * onePixel);
  const nextX = <i64>(a * onePixel);
  const nextY = <i64>(b * onePixel);
  // How far a pixel's centre can be from the picture while one of its samples is within.
  const farX = 0.5 * (abs(a) + abs(c)) * reach + margin;
  const farY = 0.5 * (abs(b) + abs(d)) * reach + margin;
  for (let y = 0; y < height; y++) {
    // Where the first sample of the row's first pixel lies.
    const u0 = 0.5 * step;
    const v0 = <f64>y + u0;
    const x0 = a * u0 + c * v0 + e - 0.5;
    const y0 = b * u0 + d * v0 + f - 0.5;
    // Pixels in between have all their samples within the picture, so that these need no look at its edges.
    const from = max(bound(x0, a, c, reach, lastX, true), bound(y0, b, d, reach, lastY, true));
    const to = min(bound(x0, a, c, reach, lastX, false), bound(y0, b, d, reach, lastY, false));
    let fixedX = <i64>(x0 * onePixel);
    let fixedY = <i64>(y0 * onePixel);
    for (let x = 0; x < width; x++, fixedX += nextX, fixedY += nextY) {
      let total: v128;
      if (<f64>x >= from && <f64>x <= to) {
        total = blended(source, stride, below, fixedX, fixedY);
        if (grid === 2) {
          total = i32x4.add(total, blended(source, stride, below, fixedX + acrossX, fixedY + acrossY));
          total = i32x4.add(total, blended(source, stride, below, fixedX + downX, fixedY + downY));
          total = i32x4.add(total, blended(source, stride, below, fixedX + acrossX + downX, fixedY + acrossY + downY));
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
            total = i32x4.add(total, blended(source, stride, below, px, py));
          }
        }
      }
      writePixel(output, f32x4.mul(toFloats(total), share));
      output += 4;
    }
  }
}

/**
 * The first or the last pixel of a row, as a fraction, all of whose samples lie between 0 and `last` along one axis of the
 * picture.
 *
 * @param start where the first sample of the row's first pixel lies.
 * @param across how far it is from one pixel to the next; `down` from one row to the next.
 * @param reach how far a pixel's last sample is from its first, in pixels.
 */
function bound(start: f64, across: f64, down: f64, reach: f64, last: f64, isFirst: bool): f64 {
  const low = margin - start - min(0, across * reach) - min(0, down * reach);
  const high = last - margin - start - max(0, across * reach) - max(0, down * reach);
  if (across === 0) return (low <= 0 && high >= 0) === isFirst ? -Infinity : Infinity;
  return (across > 0 === isFirst ? low : high) / across;
}

/** A picture's value at a position between pixels, by bilinear interpolation, times `one`. */
function blended(source: usize, stride: u32, below: usize, x: i64, y: i64): v128 {
  const at = source + <usize>(y >> fractionBits) * stride + ((<usize>(x >> fractionBits)) << 2);
  const across = <i32>(x >> (fractionBits - shareBits)) & (one - 1);
  const down = <i32>(y >> (fractionBits - shareBits)) & (one - 1);
  const both = (across * down) >> shareBits;
  const top = i32x4.splat((one - across - down + both) | ((across - both) << 16));
  const low = i32x4.splat((down - both) | (both << 16));
  return i32x4.add(weighed(v128.load64_zero(at), top), weighed(v128.load64_zero(at + below), low));
}

/** The sum of two neighbouring pixels, each times its share: for each channel. */
function weighed(pixels: v128, shares: v128): v128 {
  // The upper half of what was loaded is zeros, which widen the bytes to words.
  const words = v128.shuffle<u8>(pixels, pixels, 0, 8, 4, 8, 1, 8, 5, 8, 2, 8, 6, 8, 3, 8, 7, 8);
  return i32x4.dot_i16x8_s(words, shares);
}

/** Writes a pixel, opaque; halves are rounded to even, as an array of clamped bytes does. */
function writePixel(to: usize, value: v128): void {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.replace_lane(value, 3, 255)));
  const words = i16x8.narrow_i32x4_s(whole, whole);
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}
