import type { Constant } from '../../../lib/runtime/constant.ts';
import { type GraphModel, type GraphNode, nodeName } from '../../../lib/runtime/graph-model.ts';
import { inputName, stringList } from '../../../lib/runtime/kernels/lowering/node-attributes.ts';
import type { PortableGraph, PortableNode, PortableOperator } from './portable-graph.ts';
import { floats, readOperator, readWindow } from './read-operator.ts';

/** Converts the operators of the networks of the benchmark. @throws {Error} for an operator that none of them has. */
export function readPortableGraph(
  model: GraphModel,
  inputShape: number[],
  outputNames: readonly string[],
): PortableGraph {
  const placeholder = model.nodes.find(({ op }) => op === 'Placeholder') as GraphNode;
  const reader = new GraphReader(model, placeholder.name, inputShape);
  for (const node of neededNodes(model, outputNames)) if (node !== placeholder) reader.read(node);
  const outputs = outputNames.map((name) => ({ name, node: reader.resolve(name) }));
  return { input: { name: placeholder.name, shape: inputShape }, nodes: reader.nodes, outputs };
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
  readonly #shapes: Map<string, number[]>;
  readonly #readers = new Map<string, number>();
  /** The nodes whose result is that of another node. */
  readonly #aliases = new Map<string, string>();

  constructor({ nodes, constants }: GraphModel, inputName: string, inputShape: number[]) {
    this.#constants = constants;
    this.#shapes = new Map([[inputName, inputShape]]);
    for (const name of nodes.flatMap(({ input = [] }) => input.map(nodeName))) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
  }

  /** The name of the node that computes a result. */
  resolve(name: string): string {
    return this.#aliases.get(name) ?? name;
  }

  read(node: GraphNode): void {
    if (node.op === 'Identity') this.#aliases.set(node.name, this.resolve(inputName(node)));
    else if (node.op === 'Relu' && this.#fuseRelu(node)) return;
    else if (node.op.includes('Conv2')) this.#readConvolution(node);
    else {
      const constant = (index: number) => this.#constant(node, index);
      this.#add(node, ...readOperator({ node, shapes: this.#shapesOf(node), constant }));
    }
  }

  #add(node: GraphNode, operator: PortableOperator, shape: number[], name = node.name): void {
    this.#shapes.set(name, shape);
    this.nodes.push({ name, inputs: this.#inputsOf(node), shape, operator });
  }

  /** Fuses a ReLU into its producer, if it is the only reader. Returns whether it did. */
  #fuseRelu(node: GraphNode): boolean {
    const input = inputName(node);
    const producer = this.nodes.find(({ name }) => name === this.resolve(input));
    if (!producer || !('relu' in producer.operator) || this.#readers.get(input) !== 1) return false;
    producer.operator.relu = true;
    this.#aliases.set(node.name, producer.name);
    return true;
  }

  #readConvolution(node: GraphNode): void {
    const filter = this.#constant(node, 1);
    const [rows = 1, columns = 1, inputs = 0, outputs = 0] = filter.shape;
    const isDepthwise = node.op.includes('Depthwise');
    const channels = isDepthwise ? inputs : outputs;
    const fused = stringList(node, 'fused_ops');
    const bias = fused[0] === 'BiasAdd' ? floats(this.#constant(node, 2)) : new Float32Array(channels);
    const [shape, window] = readWindow({ node, shapes: this.#shapesOf(node) }, [rows, columns], channels);
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

  /** The names of the inputs that are not constant. */
  #inputsOf({ input = [] }: GraphNode): string[] {
    const names = input.map(nodeName).filter((name) => !this.#constants.has(name));
    return names.map((name) => this.resolve(name));
  }

  #shapesOf(node: GraphNode): number[][] {
    return this.#inputsOf(node).map((name) => this.#shapes.get(name) as number[]);
  }

  #constant(node: GraphNode, index: number): Constant {
    return this.#constants.get(inputName(node, index)) as Constant;
  }
}
