import { decodeValues, elementCount, storedValues } from '../../../lib/runtime/constant.ts';
import { type GraphModel, type Node, nodeName, nodesOf } from '../graph/graph-model.ts';
import { constantNode, constantProduct, type StoredWeight, storedWeights, withNodes } from '../graph/stored-weights.ts';

/** A float32 constant of a graph. */
export interface FloatConstant {
  shape: readonly number[];
  values: Float32Array;
  /** Whether the file stores it in a smaller type. */
  isQuantized: boolean;
}

/** A graph model whose nodes can be replaced. Nodes are in execution order. */
export class GraphEditor {
  readonly #model: GraphModel;
  readonly #outputs: readonly string[];
  readonly #nodes: Map<string, Node>;
  readonly #weights: Map<string, StoredWeight>;
  /** The number of nodes that read each node. */
  readonly #readerCounts = new Map<string, number>();
  /** Constants and products of constants, which come first in the execution order. */
  readonly #added: Node[] = [];

  /** @param outputs the nodes whose results must stay the same. */
  constructor(model: GraphModel, outputs: readonly string[]) {
    this.#model = model;
    this.#outputs = outputs;
    const nodes = nodesOf(model).map(({ name, op, input = [], attr = {} }) => ({ name, op, input, attr }));
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    for (const node of this.#nodes.values()) this.#countReads(node, 1);
    this.#weights = new Map(storedWeights(model).map((weight) => [weight.entry.name, weight]));
  }

  /** The names of the nodes. */
  get names(): string[] {
    return [...this.#nodes.keys()];
  }

  /** The node that a reference names. */
  node(reference: string | undefined): Node | undefined {
    return this.#nodes.get(nodeName(reference ?? ''));
  }

  /** The values of a reference to a constant of floats; undefined for any other reference. */
  floats(reference: string | undefined): FloatConstant | undefined {
    const node = this.node(reference);
    const weight = node?.op === 'Const' ? this.#weights.get(node.name) : undefined;
    if (weight?.entry.dtype !== 'float32') return undefined;
    const { shape, quantization } = weight.entry;
    const values = decodeValues(storedValues(weight.entry, weight.bytes)) as Float32Array;
    return values.length === elementCount(shape)
      ? { shape, values, isQuantized: quantization !== undefined }
      : undefined;
  }

  /** The values of a reference to a constant of int32; undefined for any other reference. */
  integers(reference: string | undefined): readonly number[] | undefined {
    const node = this.node(reference);
    const weight = node?.op === 'Const' ? this.#weights.get(node.name) : undefined;
    if (weight?.entry.dtype !== 'int32') return undefined;
    return [...(decodeValues(storedValues(weight.entry, weight.bytes)) as Int32Array)];
  }

  /** The shape of a constant, or of a product of constants. */
  constantShape(reference: string | undefined): readonly number[] | undefined {
    const node = this.node(reference);
    if (node?.op === 'Const') return this.#weights.get(node.name)?.entry.shape;
    if (node?.op !== 'Mul') return undefined;
    const [left, right] = node.input.map((factor) => this.constantShape(factor));
    if (!left || !right) return undefined;
    return elementCount(left) < elementCount(right) ? right : left;
  }

  /** Whether one node reads a node, and no output is its result. */
  hasOneReader(name: string): boolean {
    return !this.#outputs.includes(name) && this.#readerCounts.get(name) === 1;
  }

  /** Whether nodes read outputs of a node other than its first. */
  readsFurtherOutputs(name: string): boolean {
    const further = (reference: string) => nodeName(reference) === name && /:[1-9]\d*$/.test(reference);
    return [...this.#nodes.values()].some(({ input }) => input.some(further));
  }

  /** Removes a node that no other node reads any more. */
  remove(name: string): void {
    this.#countReads(this.#nodes.get(name), -1);
    this.#nodes.delete(name);
  }

  /** Replaces the node of the same name. */
  replace(node: Node): void {
    this.#countReads(this.#nodes.get(node.name), -1);
    this.#countReads(node, 1);
    this.#nodes.set(node.name, node);
  }

  /** Adds a float32 constant and returns its name. */
  addFloats(name: string, shape: number[], values: Float32Array<ArrayBuffer>): string {
    const unused = this.#unusedName(name);
    this.#weights.set(unused, {
      entry: { name: unused, shape, dtype: 'float32' },
      bytes: new Uint8Array(values.buffer),
    });
    return this.#add(constantNode(unused));
  }

  /** Adds a product of two constants and returns its name. */
  addProduct(name: string, factors: [string, string]): string {
    return this.#add(constantProduct(this.#unusedName(name), factors));
  }

  /** The model, without nodes and weights that no output depends on. Inputs stay. */
  build(): GraphModel {
    const isAdded = new Set(this.#added.map(({ name }) => name));
    const later = [...this.#nodes.values()].filter(({ name }) => !isAdded.has(name));
    const needed = new Set(this.#outputs);
    const nodes = [...this.#added, ...later];
    for (const { name, input } of nodes.toReversed()) {
      if (needed.has(name)) for (const read of input) needed.add(nodeName(read));
    }
    const kept = nodes.filter(({ name, op }) => needed.has(name) || op === 'Placeholder');
    const weights = [...this.#weights.values()].filter(({ entry }) => needed.has(entry.name));
    return withNodes(this.#withOutputs(), kept, weights);
  }

  /** The model with only the given outputs in its signature. */
  #withOutputs(): GraphModel {
    const signature = this.#model.json.signature as { outputs?: Record<string, { name: string }> } | undefined;
    if (!signature?.outputs) return this.#model;
    const isKept = ([, { name }]: [string, { name: string }]) => this.#outputs.includes(nodeName(name));
    const outputs = Object.fromEntries(Object.entries(signature.outputs).filter(isKept));
    return { ...this.#model, json: { ...this.#model.json, signature: { ...signature, outputs } } };
  }

  #countReads(node: Node | undefined, change: 1 | -1): void {
    for (const name of new Set((node?.input ?? []).map(nodeName))) {
      this.#readerCounts.set(name, (this.#readerCounts.get(name) ?? 0) + change);
    }
  }

  #add(node: Node): string {
    this.#countReads(node, 1);
    this.#nodes.set(node.name, node);
    this.#added.push(node);
    return node.name;
  }

  #unusedName(name: string): string {
    let candidate = name;
    for (let i = 1; this.#nodes.has(candidate) || this.#weights.has(candidate); i++) candidate = `${name}_${i}`;
    return candidate;
  }
}
