import { unsupportedFile } from '../../errors.ts';
import { type InputSize, imageSize, type RequestedSize } from '../image-size.ts';
import type { OnnxFile } from './onnx-file.ts';
import type { ConversionState } from './operator-context.ts';

/** The maximum height and width of an image, in pixels. */
const maxSide = 4096;

/** The weights of red, green and blue in the luma of ITU-R BT.601, by which OpenCV converts images to grey. */
const luma = [0.299, 0.587, 0.114];

/**
 * Adds the input: `image` [n, height, width, 3]. A network for grey images reads its luma.
 *
 * @throws {FaceNetError} `model-file-unsupported` when the file has several inputs, or one that is not an image of known size;
 *   `option-invalid` for another size than the file states.
 */
export function addImageInput(
  { writer, values }: ConversionState,
  { inputs }: Pick<OnnxFile, 'inputs'>,
  { defaultSize, ...requested }: RequestedSize & { defaultSize?: InputSize | undefined },
): void {
  const images = inputs.filter(({ name }) => !values.has(name));
  const [input] = images;
  if (!input || images.length > 1) {
    throw unsupportedFile(
      `The .onnx file has ${images.length} inputs (${images.map(({ name }) => name).join(', ')}): use a network with one.`,
    );
  }
  const { channels, order, ...declared } = imageLayout(input.shape);
  const chosen = imageSize(declared, requested);
  const size = chosen.height > 0 && chosen.width > 0 ? chosen : (defaultSize ?? declared);
  if (!(size.height > 0 && size.width > 0)) {
    throw unsupportedFile('The .onnx file takes images of any size: give the size with --size WIDTHxHEIGHT.');
  }
  if (Math.max(size.height, size.width) > maxSide) {
    throw unsupportedFile(
      `The .onnx file takes images of ${size.width}×${size.height}, above ${maxSide} pixels a side.`,
    );
  }
  const image = writer.graph.input('image', [-1, size.height, size.width, 3]);
  const node = channels === 3 ? image : greyOf(writer, image);
  values.set(input.name, {
    kind: 'computed',
    node,
    shape: order[2] === 1 ? [1, channels, size.height, size.width] : [1, size.height, size.width, channels],
    order,
  });
}

/** The channels and the size of an image in NCHW, as PyTorch exports it, or in NHWC, as tf2onnx does; −1 for an unknown size. */
function imageLayout(shape: readonly number[]): InputSize & { channels: number; order: number[] } {
  const [batch = 1, a = 0, b = 0, c = 0, ...others] = shape;
  const isImage = others.length === 0 && batch <= 1;
  if (isImage && (a === 3 || a === 1)) return { channels: a, height: b, width: c, order: [2, 3, 1] };
  if (isImage && (c === 3 || c === 1)) return { channels: c, height: a, width: b, order: [1, 2, 3] };
  throw unsupportedFile(`The .onnx file takes [${shape}]: use a network for one image of 3 channels or 1.`);
}

function greyOf(writer: ConversionState['writer'], image: string): string {
  const filter = writer.floats('grey/filter', [1, 1, 3, 1], luma);
  const bias = writer.floats('grey/bias', [1], [0]);
  return writer.graph.convolution(writer.unused('grey'), image, filter, bias);
}
