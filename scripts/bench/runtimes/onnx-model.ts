import { elementCount } from '../../../lib/runtime/constant.ts';
import type { Padding } from '../../../lib/runtime/kernels/lowering/program.ts';
import { OnnxWriter } from './onnx-writer.ts';
import type { PortableGraph, PortableNode, PortableOperator } from './portable-graph.ts';

/** Writes a network as ONNX Runtime runs it best: NCHW, PReLU as one operator, batch 1. */
export function onnxModel({ input, nodes, outputs }: PortableGraph): Uint8Array {
  const file = new OnnxWriter();
  const shapes = new Map([[input.name, input.shape], ...nodes.map(({ name, shape }) => [name, shape] as const)]);
  for (const node of nodes) {
    const shapeBefore = shapes.get(node.inputs[0] as string) as number[];
    const raw = addOperator(file, node, shapeBefore);
    if ('relu' in node.operator && node.operator.relu) file.node('Relu', [raw], node.name);
  }
  const results = outputs.map(({ node }) => ({
    name: node,
    shape: [1, ...channelsFirst(shapes.get(node) as number[])],
  }));
  return file.write({ name: input.name, shape: [1, ...channelsFirst(input.shape)] }, results);
}

/** Adds a node without its ReLU. @returns the name of its result. */
function addOperator(file: OnnxWriter, node: PortableNode, shapeBefore: number[]): string {
  const { name, inputs, shape, operator } = node;
  const output = 'relu' in operator && operator.relu ? `${name}/linear` : name;
  const add = (type: string, constants: string[] = [], attributes: Parameters<OnnxWriter['node']>[3] = {}) =>
    file.node(type, [...inputs, ...constants], output, attributes);
  switch (operator.kind) {
    case 'convolution':
    case 'depthwise':
      return addConvolution(file, node, output, operator);
    case 'pool':
      return add(operator.largest ? 'MaxPool' : 'AveragePool', [], {
        kernel_shape: operator.window,
        strides: operator.strides,
        pads: padsOf(operator.padding),
      });
    case 'add':
      return add('Add');
    case 'relu':
      return add('Relu');
    case 'sigmoid':
      return add('Sigmoid');
    case 'prelu':
      return add('PRelu', [file.floats(`${name}/slopes`, [operator.slopes.length, 1, 1], operator.slopes)]);
    case 'pad': {
      const pads = [0, ...channelsFirst(operator.before), 0, ...channelsFirst(operator.after)];
      return add('Pad', [file.integers(`${name}/pads`, pads)]);
    }
    case 'mean':
      return add('ReduceMean', [file.integers(`${name}/axes`, [2, 3])], { keepdims: 0 });
    case 'matmul': {
      const { matrix } = operator;
      return add('MatMul', [file.floats(`${name}/matrix`, matrix.shape, Float32Array.from(matrix.values))]);
    }
    case 'resize': {
      const sizes = file.integers(`${name}/sizes`, [1, ...channelsFirst(shape)]);
      return add('Resize', ['', '', sizes], { mode: 'linear', coordinate_transformation_mode: positionsOf(operator) });
    }
    case 'depthToSpace':
      return add('DepthToSpace', [], { blocksize: operator.block, mode: 'DCR' });
    case 'concat':
      return add('Concat', [], { axis: operator.axis + 1 });
    case 'reshape':
      return addReshape(file, node, shapeBefore);
  }
}

function addConvolution(
  file: OnnxWriter,
  { name, inputs }: PortableNode,
  output: string,
  operator: Extract<PortableOperator, { kind: 'convolution' | 'depthwise' }>,
): string {
  const { kind, filter, bias, strides, padding } = operator;
  const [rows = 1, columns = 1, from = 1, to = 1] = filter.shape;
  const values = new Float32Array(filter.values.length);
  // Both layouts end up as outputs, inputs, rows, columns; a depthwise filter has one input for each of its outputs.
  const [groups, outputs, perOutput] = kind === 'depthwise' ? [from, from, 1] : [1, to, from];
  const source = filter.values;
  for (let tap = 0; tap < rows * columns; tap++) {
    for (let i = 0; i < from * to; i++) {
      const [inChannel, outChannel] = kind === 'depthwise' ? [0, i] : [Math.floor(i / to), i % to];
      values[(outChannel * perOutput + inChannel) * rows * columns + tap] = source[tap * from * to + i] as number;
    }
  }
  const weights = file.floats(`${name}/filter`, [outputs, perOutput, rows, columns], values);
  const attributes = { kernel_shape: [rows, columns], strides, pads: padsOf(padding), group: groups };
  return file.node('Conv', [...inputs, weights, file.floats(`${name}/bias`, [outputs], bias)], output, attributes);
}

/** A reshape keeps TensorFlow's order of the elements: channels last. Without height and width there is nothing to move. */
function addReshape(file: OnnxWriter, { name, inputs, shape }: PortableNode, shapeBefore: number[]): string {
  const isImage = shapeBefore.length === 3 && elementCount(shapeBefore.slice(0, 2)) > 1;
  const from = isImage ? file.node('Transpose', inputs, `${name}/transposed`, { perm: [0, 2, 3, 1] }) : inputs[0];
  return file.node('Reshape', [from as string, file.integers(`${name}/shape`, [1, ...shape])], name);
}

/** Images become channels first; everything else keeps its order. */
function channelsFirst(sizes: readonly number[]): number[] {
  const [height, width, channels] = sizes;
  return sizes.length === 3 ? ([channels, height, width] as number[]) : [...sizes];
}

function padsOf({ top, left, bottom, right }: Padding): number[] {
  return [top, left, bottom, right];
}

function positionsOf({ alignCorners, halfPixels }: { alignCorners: boolean; halfPixels: boolean }): string {
  if (alignCorners) return 'align_corners';
  return halfPixels ? 'half_pixel' : 'asymmetric';
}
