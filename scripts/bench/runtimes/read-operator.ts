import { type Constant, elementCount } from '../../../lib/runtime/constant.ts';
import type { GraphNode } from '../../../lib/runtime/graph-model.ts';
import {
  flag,
  integerList,
  outputSize,
  paddingFor,
  stridesOf,
} from '../../../lib/runtime/kernels/lowering/node-attributes.ts';
import type { Padding, Pair } from '../../../lib/runtime/kernels/lowering/program.ts';
import type { PortableOperator } from './portable-graph.ts';

/** What an operator is read from: its node, the shapes of its inputs, and its constant inputs by index. */
export interface OperatorSource {
  node: GraphNode;
  shapes: number[][];
  constant(index: number): Constant;
}

/** An operator and the shape of its output. */
export type OperatorWithShape = [operator: PortableOperator, shape: number[]];

/** Reads an operator other than a convolution. @throws {Error} for one that no network of the benchmark has. */
export function readOperator(source: OperatorSource): OperatorWithShape {
  const { node } = source;
  const read = Object.hasOwn(readers, node.op) ? readers[node.op] : undefined;
  if (read) return read(source);
  throw new Error(`The benchmark has no form of the operator ${node.op} (${node.name}) for other runtimes.`);
}

const readers: Record<string, (source: OperatorSource) => OperatorWithShape> = {
  AddV2: ({ shapes }) => [{ kind: 'add', relu: false }, shapes[0] as number[]],
  Prelu: ({ shapes, constant }) => [{ kind: 'prelu', slopes: floats(constant(1)) }, shapes[0] as number[]],
  Relu: ({ shapes }) => [{ kind: 'relu' }, shapes[0] as number[]],
  Sigmoid: ({ shapes }) => [{ kind: 'sigmoid' }, shapes[0] as number[]],
  MaxPool: readPool,
  AvgPool: readPool,
  Mean: ({ shapes }) => [{ kind: 'mean' }, [shapes[0]?.[2] ?? 0]],
  Pad: readPad,
  ConcatV2: readConcatenation,
  MatMul({ constant }) {
    const matrix = constant(1);
    return [{ kind: 'matmul', matrix }, [matrix.shape[1] ?? 0]];
  },
  ResizeBilinear({ node, shapes, constant }) {
    const [height = 0, width = 0] = constant(1).values;
    const [alignCorners, halfPixels] = [flag(node, 'align_corners'), flag(node, 'half_pixel_centers')];
    return [{ kind: 'resize', alignCorners, halfPixels }, [height, width, shapes[0]?.[2] ?? 0]];
  },
  DepthToSpace({ node, shapes }) {
    const block = Number(node.attr?.block_size?.i);
    const [height = 0, width = 0, channels = 0] = shapes[0] ?? [];
    return [{ kind: 'depthToSpace', block }, [height * block, width * block, channels / block ** 2]];
  },
  Reshape({ shapes, constant }) {
    const [, ...sizes] = constant(1).values;
    const known = sizes.reduce((product, size) => product * Math.abs(size), 1);
    const length = elementCount(shapes[0] as number[]);
    return [{ kind: 'reshape' }, sizes.map((size) => (size === -1 ? length / known : size))];
  },
};

function readPool(source: OperatorSource): OperatorWithShape {
  const { node, shapes } = source;
  const [, rows = 1, columns = 1] = integerList(node, 'ksize');
  const [shape, window] = readWindow(source, [rows, columns], shapes[0]?.[2] ?? 0);
  return [{ kind: 'pool', largest: node.op === 'MaxPool', window: [rows, columns], ...window }, shape];
}

function readPad({ shapes, constant }: OperatorSource): OperatorWithShape {
  const pairs = [...constant(1).values].slice(2);
  const [before, after] = [0, 1].map((side) => pairs.filter((_, i) => i % 2 === side)) as [number[], number[]];
  const shape = (shapes[0] as number[]).map((size, i) => size + (before[i] ?? 0) + (after[i] ?? 0));
  return [{ kind: 'pad', before, after }, shape];
}

function readConcatenation({ shapes, constant }: OperatorSource): OperatorWithShape {
  const first = shapes[0] as number[];
  const stated = Number(constant(shapes.length).values[0]);
  const axis = (stated < 0 ? stated + first.length + 1 : stated) - 1;
  const size = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  return [{ kind: 'concat', axis }, first.map((other, i) => (i === axis ? size : other))];
}

/** The output shape of an operator whose window slides over its input, with its strides and padding. */
export function readWindow(
  { node, shapes }: Pick<OperatorSource, 'node' | 'shapes'>,
  window: Pair,
  channels: number,
): [shape: number[], { strides: Pair; padding: Padding }] {
  const [height = 0, width = 0] = shapes[0] ?? [];
  const strides = stridesOf(node);
  const padding = paddingFor(node, [height, width], window, strides);
  const rows = outputSize(height + padding.top + padding.bottom, window[0], strides[0]);
  const columns = outputSize(width + padding.left + padding.right, window[1], strides[1]);
  return [[rows, columns, channels], { strides, padding }];
}

/** The values of a constant as floats. */
export function floats({ values }: Constant): Float32Array {
  return Float32Array.from(values);
}
