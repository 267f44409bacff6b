import { logistic } from '../../../core/math.ts';
import { elementCount } from '../../constant.ts';
import { type GraphNode, nodeName } from '../../graph-model.ts';
import { concatenation, depthToSpace, elementwise, type ShapedFunction, slice, softmax } from './host-functions.ts';
import type { LoweringContext } from './lowering-context.ts';
import { unsupported } from './node-attributes.ts';
import type { View } from './program.ts';
import { createTensor } from './views.ts';

/** Lowers an operator that is computed in JavaScript. */
export function lowerHost(context: LoweringContext, node: GraphNode): View {
  const names = (node.input ?? []).map(nodeName).filter((name) => !context.isConstant(name));
  const inputs = names.map((name) => context.contiguous(context.view(name), name));
  const shapes = inputs.map((input) => input.shape);
  const { compute, shape } = hostFunction(context, node, shapes);
  const [height = 1, width = 1, channels = 1] = shape.length === 3 ? shape : [1, 1, elementCount(shape)];
  const output = createTensor(height, width, channels, true);
  return { ...context.emit({ kind: 'host', inputs, compute, output }), shape };
}

function hostFunction(context: LoweringContext, node: GraphNode, shapes: number[][]): ShapedFunction {
  const [shape = []] = shapes;
  switch (node.op) {
    case 'DepthToSpace':
      if (shape.length !== 3) throw unsupported(node, 'has an input whose rank is not 4');
      return depthToSpace(shape, Number(node.attr?.block_size?.i));
    case 'ConcatV2':
      return concatenation(shapes, concatenationAxis(context, node, shapes));
    case 'Slice': {
      const [begin, size] = [1, 2].map((index) => [...context.constant(node, index).values].slice(1));
      return slice(shape, begin ?? [], size ?? []);
    }
    case 'Exp':
      return { compute: elementwise(Math.exp), shape };
    case 'Sigmoid':
      return { compute: elementwise(logistic), shape };
    case 'Swish':
      return { compute: elementwise((value) => value * logistic(value)), shape };
    case 'HardSwish':
      return { compute: elementwise((value) => (value * Math.min(Math.max(value + 3, 0), 6)) / 6), shape };
    case 'Softmax':
      return { compute: softmax(shape.at(-1) ?? 1), shape };
    default:
      return withConstant(context, node, shape);
  }
}

/** The axis of a `ConcatV2`, not counting the batch axis. */
function concatenationAxis(context: LoweringContext, node: GraphNode, shapes: readonly number[][]): number {
  const axis = Number(context.constant(node, shapes.length).values[0]);
  const rank = (shapes[0] ?? []).length + 1;
  return (axis < 0 ? axis + rank : axis) - 1;
}

/** The sum or the product with a constant that is repeated along the leading axes. */
function withConstant(context: LoweringContext, node: GraphNode, shape: number[]): ShapedFunction {
  const { values } = context.constant(node, 1);
  if (elementCount(shape) % values.length !== 0) throw unsupported(node, 'has a constant of another shape');
  const operand = (i: number) => values[i % values.length] as number;
  const compute =
    node.op === 'Mul' ? elementwise((value, i) => value * operand(i)) : elementwise((value, i) => value + operand(i));
  return { compute, shape };
}
