// What lib/image/warp.ts does in JavaScript, four channels at a time.

/**
 * The mean of every block×block square of a strip of pixels (red, green, blue, alpha); the squares at its right and bottom
 * edge may be smaller.
 */
export function shrink(strip: usize, width: i32, height: i32, block: i32, output: usize): void {
  for (let top = 0; top < height; top += block) {
    const bottom = min(top + block, height);
    for (let left = 0; left < width; left += block) {
      const right = min(left + block, width);
      let total = i32x4.splat(0);
      for (let y = top; y < bottom; y++) {
        let from = strip + ((y * width + left) << 2);
        const end = strip + ((y * width + right) << 2);
        for (; from < end; from += 4) total = i32x4.add(total, channelsAt(from));
      }
      const share = f32x4.splat(1 / <f32>((right - left) * (bottom - top)));
      writePixel(output, f32x4.mul(f32x4.convert_i32x4_u(total), share));
      output += 4;
    }
  }
}

/**
 * Bilinear samples of a picture for every pixel of a crop: the mean of a grid of `grid`×`grid` of them; black outside.
 *
 * @param a to f: the transform that takes a position in the crop to one in the picture.
 */
export function sample(
  source: usize,
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
  const share = f32x4.splat(<f32>(step * step));
  const right = <f64>sourceWidth - 0.5;
  const bottom = <f64>sourceHeight - 0.5;
  // The last position that still has a neighbour to its right and below; a source one pixel wide has none.
  const lastX = max<f64>(0, <f64>sourceWidth - 1.0001);
  const lastY = max<f64>(0, <f64>sourceHeight - 1.0001);
  const next: usize = sourceWidth > 1 ? 4 : 0;
  const below: usize = sourceHeight > 1 ? (<usize>sourceWidth) << 2 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let total = f32x4.splat(0);
      for (let i = 0; i < grid; i++) {
        const v = <f64>y + (<f64>i + 0.5) * step;
        for (let j = 0; j < grid; j++) {
          const u = <f64>x + (<f64>j + 0.5) * step;
          const sourceX = a * u + c * v + e - 0.5;
          const sourceY = b * u + d * v + f - 0.5;
          if (sourceX < -0.5 || sourceY < -0.5 || sourceX >= right || sourceY >= bottom) continue;
          const px = min(max(sourceX, 0), lastX);
          const py = min(max(sourceY, 0), lastY);
          const column = <i32>px;
          const row = <i32>py;
          const across = f32x4.splat(<f32>(px - <f64>column));
          const down = f32x4.splat(<f32>(py - <f64>row));
          const topLeft = source + ((row * sourceWidth + column) << 2);
          const top = between(pixelAt(topLeft), pixelAt(topLeft + next), across);
          const low = between(pixelAt(topLeft + below), pixelAt(topLeft + below + next), across);
          total = f32x4.add(total, between(top, low, down));
        }
      }
      writePixel(output, f32x4.mul(total, share));
      output += 4;
    }
  }
}

function between(p: v128, q: v128, share: v128): v128 {
  return f32x4.add(p, f32x4.mul(f32x4.sub(q, p), share));
}

function channelsAt(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

function pixelAt(at: usize): v128 {
  return f32x4.convert_i32x4_u(channelsAt(at));
}

/** Writes a pixel, opaque; halves are rounded to even, as an array of clamped bytes does. */
function writePixel(to: usize, value: v128): void {
  const whole = i32x4.trunc_sat_f32x4_u(f32x4.nearest(f32x4.replace_lane(value, 3, 255)));
  const words = i16x8.narrow_i32x4_u(whole, whole);
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}
