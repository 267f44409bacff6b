import { type Constant, elementCount } from '../../../lib/runtime/constant.ts';
import { type GraphModel, type GraphNode, nodeName } from '../../../lib/runtime/graph-model.ts';
import {
  flag,
  inputName,
  integerList,
  outputSize,
  paddingFor,
  stridesOf,
  stringList,
} from '../../../lib/runtime/kernels/lowering/node-attributes.ts';
import type { Padding, Pair } from '../../../lib/runtime/kernels/lowering/program.ts';

/** An operator, with everything that a model file of another runtime states about it. */
export type PortableOperator =
  | {
      kind: 'convolution' | 'depthwise';
      filter: Constant;
      bias: Float32Array;
      strides: Pair;
      padding: Padding;
      relu: boolean;
    }
  | { kind: 'pool'; largest: boolean; window: Pair; strides: Pair; padding: Padding }
  | { kind: 'add'; relu: boolean }
  | { kind: 'prelu'; slopes: Float32Array }
  | { kind: 'pad'; before: number[]; after: number[] }
  | { kind: 'matmul'; matrix: Constant }
  | { kind: 'resize'; alignCorners: boolean; halfPixels: boolean }
  | { kind: 'depthToSpace'; block: number }
  | { kind: 'concat'; axis: number }
  | { kind: 'mean' | 'reshape' | 'sigmoid' | 'relu' };

/** A node: an operator with the names of its inputs, and the shape of its output for one image, without the batch. */
export interface PortableNode {
  name: string;
  inputs: string[];
  shape: number[];
  operator: PortableOperator;
}

/** A network as the common part of the model formats: NHWC, a ReLU fused into the operator before it. */
export interface PortableGraph {
  input: { name: string; shape: number[] };
  nodes: PortableNode[];
  outputs: string[];
}

/** Converts the operators of the five networks of the benchmark. @throws {Error} for an operator that none of them has. */
export function portableGraph(model: GraphModel, inputShape: number[], outputNames: readonly string[]): PortableGraph {
  const graph = new GraphReader(model);
  const placeholder = model.nodes.find(({ op }) => op === 'Placeholder') as GraphNode;
  graph.define(placeholder.name, inputShape);
  for (const node of neededNodes(model, outputNames)) if (node !== placeholder) graph.read(node);
  const outputs = outputNames.map((name) => graph.resolve(name));
  return { input: { name: placeholder.name, shape: inputShape }, nodes: graph.nodes, outputs };
}

/** The nodes that the outputs depend on. */
function neededNodes({ nodes }: GraphModel, outputNames: readonly string[]): GraphNode[] {
  const needed = new Set(outputNames);
  for (const { name, input = [] } of [...nodes].reverse()) {
    if (needed.has(name)) for (const other of input) needed.add(nodeName(other));
  }
  return nodes.filter(({ name }) => needed.has(name));
}

class GraphReader {
  readonly nodes: PortableNode[] = [];
  readonly #constants: Map<string, Constant>;
  readonly #shapes = new Map<string, number[]>();
  readonly #readers = new Map<string, number>();
  /** The nodes whose result is that of another node. */
  readonly #aliases = new Map<string, string>();

  constructor({ nodes, constants }: GraphModel) {
    this.#constants = constants;
    for (const name of nodes.flatMap(({ input = [] }) => input.map(nodeName))) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
  }

  define(name: string, shape: number[]): void {
    this.#shapes.set(name, shape);
  }

  resolve(name: string): string {
    return this.#aliases.get(name) ?? name;
  }

  read(node: GraphNode): void {
    if (node.op === 'Identity') this.#aliases.set(node.name, this.resolve(inputName(node)));
    else if (node.op === 'Relu') this.#readRelu(node);
    else if (node.op.includes('Conv2')) this.#readConvolution(node);
    else this.#add(node, ...this.#operatorOf(node));
  }

  #add(node: GraphNode, operator: PortableOperator, shape: number[], name = node.name): void {
    const inputs = (node.input ?? []).map(nodeName).filter((input) => !this.#constants.has(input));
    this.#shapes.set(name, shape);
    this.nodes.push({ name, inputs: inputs.map((input) => this.resolve(input)), shape, operator });
  }

  /** Fuses a ReLU into its producer, if it is the only reader. */
  #readRelu(node: GraphNode): void {
    const input = inputName(node);
    const producer = this.nodes.find(({ name }) => name === this.resolve(input));
    if (producer && 'relu' in producer.operator && this.#readers.get(input) === 1) {
      producer.operator.relu = true;
      this.#aliases.set(node.name, producer.name);
      return;
    }
    this.#add(node, { kind: 'relu' }, this.#shapeOf(node));
  }

  #readConvolution(node: GraphNode): void {
    const filter = this.#constant(node, 1);
    const [rows = 1, columns = 1, inputs = 0, outputs = 0] = filter.shape;
    const isDepthwise = node.op.includes('Depthwise');
    const channels = isDepthwise ? inputs : outputs;
    const fused = stringList(node, 'fused_ops');
    const bias = fused[0] === 'BiasAdd' ? floats(this.#constant(node, 2)) : new Float32Array(channels);
    const [shape, window] = this.#windows(node, [rows, columns], channels);
    const kind = isDepthwise ? ('depthwise' as const) : ('convolution' as const);
    const operator = { kind, filter, bias, ...window, relu: fused[1] === 'Relu' };
    if (fused[1] !== 'Prelu') {
      this.#add(node, operator, shape);
      return;
    }
    const name = `${node.name}/convolution`;
    this.#add(node, operator, shape, name);
    this.#shapes.set(node.name, shape);
    const slopes = floats(this.#constant(node, 3));
    this.nodes.push({ name: node.name, inputs: [name], shape, operator: { kind: 'prelu', slopes } });
  }

  #operatorOf(node: GraphNode): [PortableOperator, number[]] {
    const input = this.#shapeOf(node);
    const [height = 0, width = 0, channels = 0] = input;
    switch (node.op) {
      case 'AddV2':
        return [{ kind: 'add', relu: false }, input];
      case 'Prelu':
        return [{ kind: 'prelu', slopes: floats(this.#constant(node, 1)) }, input];
      case 'MaxPool':
      case 'AvgPool': {
        const [, rows = 1, columns = 1] = integerList(node, 'ksize');
        const [shape, window] = this.#windows(node, [rows, columns], channels);
        return [{ kind: 'pool', largest: node.op === 'MaxPool', window: [rows, columns], ...window }, shape];
      }
      case 'Pad': {
        const pairs = [...this.#constant(node, 1).values].slice(2);
        const [before, after] = [0, 1].map((side) => pairs.filter((_, i) => i % 2 === side)) as [number[], number[]];
        return [{ kind: 'pad', before, after }, input.map((size, i) => size + (before[i] ?? 0) + (after[i] ?? 0))];
      }
      case 'Mean':
        return [{ kind: 'mean' }, [channels]];
      case 'MatMul': {
        const matrix = this.#constant(node, 1);
        return [{ kind: 'matmul', matrix }, [matrix.shape[1] ?? 0]];
      }
      case 'ResizeBilinear': {
        const [newHeight = 0, newWidth = 0] = this.#constant(node, 1).values;
        const operator = {
          kind: 'resize' as const,
          alignCorners: flag(node, 'align_corners'),
          halfPixels: flag(node, 'half_pixel_centers'),
        };
        return [operator, [newHeight, newWidth, channels]];
      }
      case 'DepthToSpace': {
        const block = Number(node.attr?.block_size?.i);
        return [{ kind: 'depthToSpace', block }, [height * block, width * block, channels / block ** 2]];
      }
      case 'ConcatV2':
        return this.#concatenation(node, input);
      case 'Reshape': {
        const [, ...sizes] = this.#constant(node, 1).values;
        const known = sizes.reduce((product, size) => product * Math.abs(size), 1);
        return [{ kind: 'reshape' }, sizes.map((size) => (size === -1 ? elementCount(input) / known : size))];
      }
      case 'Sigmoid':
        return [{ kind: 'sigmoid' }, input];
      default:
        throw new Error(`The benchmark has no form of the operator ${node.op} (${node.name}) for other runtimes.`);
    }
  }

  #concatenation(node: GraphNode, first: number[]): [PortableOperator, number[]] {
    const operands = (node.input ?? []).map(nodeName).filter((name) => !this.#constants.has(name));
    const stated = Number(this.#constant(node, operands.length).values[0]);
    const axis = (stated < 0 ? stated + first.length + 1 : stated) - 1;
    const size = operands.reduce((sum, name) => sum + (this.#shapes.get(this.resolve(name))?.[axis] ?? 0), 0);
    return [{ kind: 'concat', axis }, first.map((other, i) => (i === axis ? size : other))];
  }

  /** The output shape of a node whose window slides over its input, with its strides and padding. */
  #windows(node: GraphNode, window: Pair, channels: number): [number[], { strides: Pair; padding: Padding }] {
    const [height = 0, width = 0] = this.#shapeOf(node);
    const strides = stridesOf(node);
    const padding = paddingFor(node, [height, width], window, strides);
    const rows = outputSize(height + padding.top + padding.bottom, window[0], strides[0]);
    const columns = outputSize(width + padding.left + padding.right, window[1], strides[1]);
    return [[rows, columns, channels], { strides, padding }];
  }

  #shapeOf(node: GraphNode): number[] {
    return this.#shapes.get(this.resolve(inputName(node))) as number[];
  }

  #constant(node: GraphNode, index: number): Constant {
    return this.#constants.get(inputName(node, index)) as Constant;
  }
}

function floats({ values }: Constant): Float32Array {
  return Float32Array.from(values);
}
