import type { OperatorContext } from '../operator-context.ts';
import type { Computed } from '../values.ts';

/** Converts `Resize` and `Upsample` of images, nearest and linear. */
export function convertResize(context: OperatorContext): Computed {
  const x = context.computedOf(4);
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const output = outputSize(context, x);
  const [toHeight, toWidth] = output;
  const mode = context.text('mode', 'nearest');
  const isUpsample = context.node.op === 'Upsample';
  const transformation = isUpsample
    ? 'asymmetric'
    : context.text('coordinate_transformation_mode', context.opset < 11 ? 'asymmetric' : 'half_pixel');
  const whole = Number.isInteger(toHeight / height) && Number.isInteger(toWidth / width);
  const flags =
    mode === 'nearest'
      ? nearestFlags(context, transformation, whole)
      : linearFlags(context, mode, transformation, output);
  const size = context.integers('size', [2], output);
  const op = mode === 'nearest' ? 'ResizeNearestNeighbor' : 'ResizeBilinear';
  return context.op(op, [context.image(x), size], { shape: [1, channels, ...output], order: [2, 3, 1] }, flags);
}

type Flags = Record<'align_corners' | 'half_pixel_centers', { b: boolean }>;

function flagsOf(alignCorners: boolean, halfPixels: boolean): Flags {
  return { align_corners: { b: alignCorners }, half_pixel_centers: { b: halfPixels } };
}

/** The attributes of TensorFlow for coordinates and a rounding of ONNX. */
function nearestFlags(context: OperatorContext, transformation: string, isWhole: boolean): Flags {
  const rounding = context.text('nearest_mode', context.opset < 11 ? 'floor' : 'round_prefer_floor');
  const isHalfPixel = transformation === 'half_pixel' || transformation === 'pytorch_half_pixel';
  if (transformation === 'asymmetric' && rounding === 'floor') return flagsOf(false, false);
  // Magnified by a whole number, each pixel is repeated, and no coordinate lies between two pixels.
  if (isWhole && isHalfPixel && rounding.startsWith('round')) return flagsOf(false, false);
  // TensorFlow takes the floor of (i + ½) · scale, which rounds the half pixel coordinate with halves upwards.
  if (isHalfPixel && rounding === 'round_prefer_ceil') return flagsOf(false, true);
  if (transformation === 'align_corners' && rounding === 'round_prefer_ceil') return flagsOf(true, false);
  throw context.unsupported(`the mode nearest with ${transformation} and ${rounding}`);
}

function linearFlags(context: OperatorContext, mode: string, transformation: string, output: number[]): Flags {
  if (mode !== 'linear' && mode !== 'bilinear') throw context.unsupported(`the mode ${mode}`);
  if (context.int('antialias', 0) === 1) throw context.unsupported('antialias');
  switch (transformation) {
    case 'half_pixel':
      return flagsOf(false, true);
    case 'pytorch_half_pixel':
      if (output.includes(1)) break;
      return flagsOf(false, true);
    case 'align_corners':
      return flagsOf(true, false);
    case 'asymmetric':
      return flagsOf(false, false);
  }
  throw context.unsupported(`the coordinates ${transformation}`);
}

/** Height and width of the output, from sizes or from factors. */
function outputSize(context: OperatorContext, { shape }: Computed): [number, number] {
  const [, channels, height = 0, width = 0] = shape;
  const isInput = context.node.op === 'Resize' && context.opset >= 11;
  const sizes = isInput && context.has(3) ? [...context.known(3).values] : undefined;
  const scaleIndex = isInput ? 2 : 1;
  const scales = context.has(scaleIndex)
    ? [...context.known(scaleIndex).values]
    : (context.attribute('scales')?.floats ?? []);
  const result = sizes ?? shape.map((size, axis) => Math.floor(size * (scales[axis] ?? 1)));
  const [batch, sameChannels, toHeight = height, toWidth = width] = result;
  if (batch !== 1 || sameChannels !== channels || context.attribute('axes') || !(toHeight > 0 && toWidth > 0)) {
    throw context.unsupported(`the sizes [${result}]`);
  }
  return [toHeight, toWidth];
}
