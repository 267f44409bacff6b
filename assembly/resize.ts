import { storeLanes } from './arithmetic';

/**
 * resize_bilinear, 1 pixel × 4 channels, SIMD.
 *
 * @param rowScale input rows per output row; `columnScale` input columns per output column.
 * @param shift the position of a pixel's centre within the pixel: 0.5, or 0 with TensorFlow's `half_pixel_centers` off.
 */
export function resize(
  input: usize,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  inputHeight: i32,
  inputWidth: i32,
  rowScale: f32,
  columnScale: f32,
  shift: f32,
  output: usize,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  channels: i32,
  images: i32,
  height: i32,
  width: i32,
): void {
  for (let y = 0; y < height; y++) {
    const fromY = max<f32>(0, (<f32>y + shift) * rowScale - shift);
    const above = min(<i32>fromY, inputHeight - 1);
    const below = min(above + 1, inputHeight - 1);
    const down = f32x4.splat(fromY - <f32>above);
    for (let x = 0; x < width; x++) {
      const fromX = max<f32>(0, (<f32>x + shift) * columnScale - shift);
      const before = min(<i32>fromX, inputWidth - 1);
      const after = min(before + 1, inputWidth - 1);
      const across = f32x4.splat(fromX - <f32>before);
      for (let image = 0; image < images; image++) {
        const from = input + image * inputImage;
        const topLeft = from + above * inputRow + before * inputColumn;
        const topRight = from + above * inputRow + after * inputColumn;
        const bottomLeft = from + below * inputRow + before * inputColumn;
        const bottomRight = from + below * inputRow + after * inputColumn;
        const to = output + image * outputImage + y * outputRow + x * outputColumn;
        for (let channel = 0; channel < channels; channel += 4) {
          const offset = <usize>(channel * 4);
          const top = interpolate(v128.load(topLeft + offset), v128.load(topRight + offset), across);
          const bottom = interpolate(v128.load(bottomLeft + offset), v128.load(bottomRight + offset), across);
          storeLanes(to + offset, interpolate(top, bottom, down), channels - channel);
        }
      }
    }
  }
}

function interpolate(a: v128, b: v128, fraction: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), fraction));
}
