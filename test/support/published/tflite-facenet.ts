import type { Node } from '../../../cli/convert/graph/graph-model.ts';
import { type Field, TfliteWriter } from './tflite-writer.ts';

/** A constant of a graph model. */
export interface Constant {
  shape: readonly number[];
  values: Float32Array | Int32Array;
}

const byte = (value: number): Field => ({ byte: value });
const int = (value: number): Field => ({ int: value });

/**
 * Inception-ResNet v1 in the form of TensorFlow Lite's converter: output channels first, fused ReLUs, a fully connected
 * layer with bias, and L2_NORMALIZATION at the end.
 *
 * @param nodes the nodes of the network, with folded batch normalisation.
 * @param constants the constants by name.
 * @param shapes the output shapes of the other nodes for one picture.
 */
export function tfliteFacenet(
  nodes: readonly Node[],
  constants: ReadonlyMap<string, Constant>,
  shapes: ReadonlyMap<string, readonly number[]>,
): Uint8Array {
  const file = new TfliteWriter();
  const tensors = new Map<string, number>();
  const constant = (name = '') => constants.get(name) as Constant;
  const tensor = (name = '') => tensors.get(name) as number;
  const isRelu = (name: string) => nodes.some(({ op, input }) => op === 'Relu' && input[0] === name);
  const list = ({ attr }: Node, key: string) => (attr[key] as { list: { i: string[] } }).list.i.map(Number);
  const isValid = ({ attr }: Node) => Buffer.from((attr.padding as { s: string }).s, 'base64').toString() === 'VALID';

  for (const node of nodes) {
    const { name, op, input } = node;
    const shape = shapes.get(name) ?? [];
    const add = (code: number, inputs: number[], options: Field[]) =>
      tensors.set(name, file.operator(code, inputs, shape, options));
    if (op === 'Placeholder') tensors.set(name, file.tensor(shape));
    if (op === '_FusedConv2D') {
      const filter = constant(input[1]);
      const [out = 0] = filter.shape.slice(-1);
      const weights = file.floats([out, ...filter.shape.slice(0, 3)], transposeOutputsFirst(filter));
      const bias = file.floats([out], constant(input[2]).values);
      const [, stride = 1] = list(node, 'strides');
      const fused = (node.attr.fused_ops as { list: { s: string[] } }).list.s;
      const options = [byte(Number(isValid(node))), int(stride), int(stride), byte(Number(fused.length > 1))];
      add(3, [tensor(input[0]), weights, bias], [...options, int(1), int(1)]);
    }
    if (op === 'MaxPool') add(17, [tensor(input[0])], [byte(1), int(2), int(2), int(3), int(3), byte(0)]);
    if (op === 'ConcatV2') add(2, input.slice(0, -1).map(tensor), [int(3), byte(0)]);
    if (op === 'Mean') add(40, [tensor(input[0]), file.integers([2], [1, 2])], [byte(0)]);
    if (op === 'Relu') tensors.set(name, tensor(input[0]));
    if (op === 'MatMul') tensors.set(name, tensor(input[0]));
    if (op === 'AddV2' && constants.has(input[1] ?? '')) {
      const [product] = nodes.filter((other) => other.name === input[0]);
      const matrix = constant(product?.input[1]);
      const weights = file.floats([...matrix.shape].reverse(), transposeOutputsFirst(matrix));
      const offset = constant(input[1]);
      add(9, [tensor(input[0]), weights, file.floats(offset.shape, offset.values)], [byte(0)]);
    } else if (op === 'AddV2') {
      add(0, input.map(tensor), [byte(Number(isRelu(name)))]);
    }
  }
  const last = nodes.at(-1)?.name ?? '';
  return file.write(
    tensor(nodes.find(({ op }) => op === 'Placeholder')?.name),
    file.operator(11, [tensor(last)], shapes.get(last) ?? []),
  );
}

/** Moves the last axis to the front. */
function transposeOutputsFirst({ shape, values }: Constant): Float32Array {
  const [out = 1] = shape.slice(-1);
  const inner = values.length / out;
  const transposed = new Float32Array(values.length);
  for (let i = 0; i < inner; i++) {
    for (let o = 0; o < out; o++) transposed[o * inner + i] = values[i * out + o] as number;
  }
  return transposed;
}
