import { elementCount } from '../../constant.ts';
import { type GraphNode, nodeName } from '../../graph-model.ts';
import { unaryFunctions } from './host-arithmetic.ts';
import { concatenation, depthToSpace, elementwise, type ShapedFunction, softmax } from './host-functions.ts';
import { reduce, resizeNearest, stridedSlice, transpose } from './host-movements.ts';
import type { LoweringContext } from './lowering-context.ts';
import { flag, inputName, unsupported } from './node-attributes.ts';
import type { View } from './program.ts';
import { createTensor } from './views.ts';

/** Lowers an operator that is computed in JavaScript. */
export function lowerHost(context: LoweringContext, node: GraphNode): View {
  const names = (node.input ?? []).map(nodeName).filter((name) => !context.isConstant(name));
  const inputs = names.map((name) => context.contiguous(context.view(name), name));
  return emitHost(
    context,
    inputs,
    hostFunction(
      context,
      node,
      inputs.map((input) => input.shape),
    ),
  );
}

/** Appends an operation in JavaScript on contiguous tensors. */
export function emitHost(context: LoweringContext, inputs: View[], { compute, shape }: ShapedFunction): View {
  const [height = 1, width = 1, channels = 1] = shape.length === 3 ? shape : [1, 1, elementCount(shape)];
  const output = createTensor(height, width, channels, true);
  return { ...context.emit({ kind: 'host', inputs, compute, output }), shape };
}

function hostFunction(context: LoweringContext, node: GraphNode, shapes: number[][]): ShapedFunction {
  const [shape = []] = shapes;
  const unary = Object.hasOwn(unaryFunctions, node.op) ? unaryFunctions[node.op] : undefined;
  if (unary) return { compute: elementwise(unary), shape };
  switch (node.op) {
    case 'DepthToSpace':
      if (shape.length !== 3) throw unsupported(node, 'has an input whose rank is not 4');
      return depthToSpace(shape, Number(node.attr?.block_size?.i));
    case 'ConcatV2':
      if (node.input?.slice(0, -1).some((name) => context.isConstant(nodeName(name)))) {
        throw unsupported(node, 'joins a constant');
      }
      return concatenation(shapes, concatenationAxis(context, node, shapes));
    case 'Slice':
      return slice(context, node, shape);
    case 'StridedSlice':
      return strided(context, node, shape);
    case 'Transpose':
      return transpose(shape, transposedAxes(context, node));
    case 'ResizeNearestNeighbor':
      return resizeNearest(shape, [...context.constant(node, 1).values] as [number, number], {
        alignCorners: flag(node, 'align_corners'),
        halfPixels: flag(node, 'half_pixel_centers'),
      });
    case 'Softmax':
      return { compute: softmax(shape.at(-1) ?? 1), shape };
    default:
      return reduction(context, node, shape);
  }
}

/** The axis of a `ConcatV2`, not counting the batch axis. */
function concatenationAxis(context: LoweringContext, node: GraphNode, shapes: readonly number[][]): number {
  const axis = Number(context.constant(node, shapes.length).values[0]);
  const rank = (shapes[0] ?? []).length + 1;
  return (axis < 0 ? axis + rank : axis) - 1;
}

/** Cuts a block out of a tensor. A size of −1 extends to the end of the axis. */
function slice(context: LoweringContext, node: GraphNode, from: readonly number[]): ShapedFunction {
  const [begin, size] = [1, 2].map((index) => [...context.constant(node, index).values].slice(1)) as [
    number[],
    number[],
  ];
  const shape = from.map((whole, i) => (size[i] === -1 ? whole - (begin[i] ?? 0) : (size[i] ?? whole)));
  return stridedSlice(
    from,
    begin,
    shape,
    from.map(() => 1),
  );
}

/** A `StridedSlice` that keeps the batch and the number of axes, with positive limits and steps. */
function strided(context: LoweringContext, node: GraphNode, from: readonly number[]): ShapedFunction {
  const [begin, end, step] = [1, 2, 3].map((index) => [...context.constant(node, index).values].slice(1)) as [
    number[],
    number[],
    number[],
  ];
  const masks = ['ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((name) => Number(node.attr?.[name]?.i ?? 0));
  const keepsBatch = ['begin_mask', 'end_mask'].every((name) => Number(node.attr?.[name]?.i ?? 0) === 1);
  const isPlain = from.every((size, i) => Number(begin[i]) >= 0 && Number(end[i]) <= size && Number(step[i]) > 0);
  if (masks.some((mask) => mask !== 0) || !keepsBatch || !isPlain) throw unsupported(node, 'has masks or limits');
  const shape = from.map((_, i) => Math.ceil(((end[i] as number) - (begin[i] as number)) / (step[i] as number)));
  return stridedSlice(from, begin, shape, step);
}

/** The axes of a `Transpose`, not counting the batch axis, which must stay. */
function transposedAxes(context: LoweringContext, node: GraphNode): number[] {
  const [batch, ...axes] = context.constant(node, 1).values;
  if (batch !== 0) throw unsupported(node, 'moves the batch axis');
  return axes.map((axis) => axis - 1);
}

/** A reduction along axes other than that of the batch. */
function reduction(context: LoweringContext, node: GraphNode, shape: readonly number[]): ShapedFunction {
  const rank = shape.length + 1;
  const axes = [...context.constant(node, 1).values].map((axis) => (axis < 0 ? axis + rank : axis) - 1);
  if (axes.includes(-1)) throw unsupported(node, `reduces the batch axis (${inputName(node)})`);
  const reduced = reduce(node.op, shape, axes);
  if (flag(node, 'keep_dims')) return reduced;
  return { ...reduced, shape: reduced.shape.filter((_, axis) => !axes.includes(axis)) };
}
