import { elementCount } from '../../constant.ts';
import type { GraphNode } from '../../graph-model.ts';
import { copy } from './host-functions.ts';
import { emitHost, lowerHost } from './lower-host.ts';
import type { LoweringContext } from './lowering-context.ts';
import { flag, inputName, integerList, outputSize, paddingFor, stridesOf, unsupported } from './node-attributes.ts';
import type { Pair, View } from './program.ts';
import { createTensor, noPadding, viewOf } from './views.ts';

/** Lowers `Placeholder`: an image of three channels without gaps. */
export function lowerPlaceholder(_context: LoweringContext, node: GraphNode): View {
  const { shape } = (node.attr?.shape ?? {}) as { shape?: { dim?: { size: string | number }[] } };
  const [, height = -1, width = -1, channels = -1] = shape?.dim?.map(({ size }) => Number(size)) ?? [];
  if (height < 1 || width < 1 || channels !== 3) throw unsupported(node, 'is not an image of three channels');
  return viewOf({ ...createTensor(height, width, channels), floatsPerPixel: channels });
}

/** The lowest float32. */
const lowest = -3.4028234663852886e38;

/** Lowers `MaxPool` and `AvgPool`. */
export function lowerPool(context: LoweringContext, node: GraphNode): View {
  const ignored = node.op === 'MaxPool' ? context.ignoredPadding(inputName(node)) : noPadding;
  const input = kernelInput(context, node);
  const [height = 0, width = 0, channels = 0] = input.shape;
  const [, rows = 1, columns = 1] = integerList(node, 'ksize');
  const strides = stridesOf(node);
  const padded: Pair = [height + ignored.top + ignored.bottom, width + ignored.left + ignored.right];
  const named = paddingFor(node, padded, [rows, columns], strides);
  const [top, left] = [named.top + ignored.top, named.left + ignored.left];
  const [bottom, right] = [named.bottom + ignored.bottom, named.right + ignored.right];
  return context.emit({
    kind: 'pool',
    input,
    operator: node.op === 'MaxPool' ? 'max' : 'mean',
    window: [rows, columns],
    strides,
    top,
    left,
    output: createTensor(
      outputSize(height + top + bottom, rows, strides[0]),
      outputSize(width + left + right, columns, strides[1]),
      channels,
    ),
  });
}

/** Lowers a `Mean` over height and width to a pooling with one window, and any other one to JavaScript. */
export function lowerMean(context: LoweringContext, node: GraphNode): View {
  const axes = [...context.constant(node, 1).values].sort().join();
  if (axes !== '1,2' || context.input(node).shape.length !== 3) return lowerHost(context, node);
  const input = kernelInput(context, node);
  const [height = 0, width = 0, channels = 0] = input.shape;
  const keepsDimensions = flag(node, 'keep_dims');
  const view = context.emit({
    kind: 'pool',
    input,
    operator: 'mean',
    window: [height, width],
    strides: [1, 1],
    top: 0,
    left: 0,
    output: createTensor(1, 1, channels, !keepsDimensions),
  });
  return keepsDimensions ? view : { ...view, shape: [channels] };
}

/**
 * Lowers `Pad` and `PadV2` with zeros, around the image or after its channels, to a view. With the lowest float, the
 * `MaxPool` that reads it ignores the padding.
 */
export function lowerPad(context: LoweringContext, node: GraphNode): View {
  const view = context.imageInput(node);
  const [, , top = 0, bottom = 0, left = 0, right = 0, before = 0, after = 0] = context.constant(node, 1).values;
  const [height = 0, width = 0, channels = 0] = view.shape;
  const value = node.op === 'PadV2' ? context.constant(node, 2).values[0] : 0;
  if (value === lowest && before + after === 0 && context.onlyMaxPoolsRead(node.name)) {
    context.ignorePadding(node.name, { top, bottom, left, right });
    return view;
  }
  if (before !== 0 || value !== 0) throw unsupported(node, 'pads before the channels or with other values than 0');
  const shape = [height + top + bottom, width + left + right, channels + after];
  return context.padded(view, { top, bottom, left, right }, shape);
}

/** Lowers `ResizeBilinear`. */
export function lowerResize(context: LoweringContext, node: GraphNode): View {
  const input = kernelInput(context, node);
  const [height = 0, width = 0] = context.constant(node, 1).values;
  return context.emit({
    kind: 'resize',
    input,
    alignCorners: flag(node, 'align_corners'),
    halfPixels: flag(node, 'half_pixel_centers'),
    output: createTensor(height, width, input.shape[2] ?? 0),
  });
}

/** Lowers `Reshape` and `Squeeze` to a view, and to a copy for a new image. The batch axis must not change. */
export function lowerReshape(context: LoweringContext, node: GraphNode): View {
  const view = context.contiguous(context.input(node), inputName(node));
  const length = elementCount(view.shape);
  const [batch, ...shape] =
    node.op === 'Squeeze' ? [1, ...view.shape.filter((size) => size !== 1)] : [...context.constant(node, 1).values];
  const known = shape.reduce((product, size) => product * Math.abs(size), 1);
  const resolved = shape.map((size) => (size === -1 ? length / known : size));
  if ((batch !== 1 && batch !== -1) || elementCount(resolved) !== length) {
    throw unsupported(node, 'changes the batch axis');
  }
  const { height, width, channels } = view.tensor;
  const isView = resolved.length !== 3 || String(resolved) === String([height, width, channels]);
  // Operators on images read the pixels of the tensor.
  return isView ? { ...view, shape: resolved } : emitHost(context, [view], { compute: copy, shape: resolved });
}

/** The first input as the pooling and resizing kernels read it: aligned, and without implied zeros. */
function kernelInput(context: LoweringContext, node: GraphNode): View {
  return context.materialised(context.vectorAligned(context.imageInput(node)));
}
