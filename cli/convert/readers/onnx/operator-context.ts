import type { FaceNetError } from '../../../../lib/core/errors.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import type { Attribute } from '../../graph/graph-model.ts';
import type { ExternalFiles } from './external-data.ts';
import { type GraphWriter, reshapePlan, usualOrder } from './graph-writer.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx-file.ts';
import { tensorValues } from './tensor-values.ts';
import { type Computed, elementCount, type Known, type Value } from './values.ts';

/** The maximum number of values in a tensor: 64 channels of the largest image. */
const maxElements = 2 ** 30;

/** Converts an operator: adds its nodes and returns its outputs. */
export type OperatorConverter = (context: OperatorContext) => Value | readonly Value[];

/** What all operators of a file share. */
export interface ConversionState {
  writer: GraphWriter;
  opset: number;
  /** The values of the edges computed so far. */
  values: Map<string, Value>;
  /** The files of values that are not in the model. */
  files: ExternalFiles;
  /** Deducts values from the limit of the file before they are allocated. */
  claim(count: number): void;
}

/** The conversion of one operator: access to its inputs and attributes, and helpers that add nodes. */
export class OperatorContext {
  readonly writer: GraphWriter;
  readonly opset: number;
  readonly node: OnnxNode;
  /** The base of the names of its nodes: the name of its first output. */
  readonly name: string;
  readonly claim: (count: number) => void;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #files: ExternalFiles;
  readonly #index: number;

  /** @param index the position of the node in the file. */
  constructor({ writer, opset, values, files, claim }: ConversionState, node: OnnxNode, index: number) {
    this.writer = writer;
    this.opset = opset;
    this.node = node;
    this.name = node.outputs[0] || node.name || node.op;
    this.claim = claim;
    this.#values = values;
    this.#files = files;
    this.#index = index;
  }

  /** Whether an optional input is present. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** An input. @throws {FaceNetError} `model-file-damaged` when no node before this one computes it. */
  value(index = 0): Value {
    const name = this.node.inputs[index] ?? '';
    const value = this.#values.get(name);
    if (value) return value;
    throw damaged(`${this.place} reads "${name}", which no node before it computes: the graph is cyclic or incomplete`);
  }

  /** All inputs. */
  get inputs(): Value[] {
    return this.node.inputs.map((_, index) => this.value(index));
  }

  /** An input that depends on the image. */
  computed(index = 0): Computed {
    const value = this.value(index);
    if (value.kind === 'computed') return value;
    throw this.unsupported(`a constant as input ${index}`);
  }

  /** An input that depends on the image, with a given rank. */
  computedOf(rank: number, index = 0): Computed {
    const value = this.computed(index);
    if (value.shape.length === rank) return value;
    throw this.unsupported(`an input of the shape [${value.shape}], which does not have ${rank} axes`);
  }

  /** An input whose values are known. */
  known(index: number): Known {
    const value = this.value(index);
    if (value.kind === 'known') return value;
    throw this.unsupported(`an input ${index} that is not constant`);
  }

  /** A list of integers that is an input in newer operator sets and an attribute in older ones. */
  integersOf(index: number, attribute: string): number[] | undefined {
    if (this.has(index)) return [...this.known(index).values];
    return this.#attribute(attribute)?.ints;
  }

  /** An attribute that is a list of integers. */
  ints(name: string, fallback: readonly number[] = []): readonly number[] {
    return this.#attribute(name)?.ints ?? fallback;
  }

  /** An attribute that is an integer. */
  int(name: string, fallback: number): number {
    return this.#attribute(name)?.i ?? fallback;
  }

  /** An attribute that is a float. */
  float(name: string, fallback: number): number {
    return this.#attribute(name)?.f ?? fallback;
  }

  /** An attribute that is a string. */
  text(name: string, fallback: string): string {
    return this.#attribute(name)?.s ?? fallback;
  }

  /** Another attribute. */
  attribute(name: string): OnnxAttribute | undefined {
    return this.#attribute(name);
  }

  /** The values of a tensor in an attribute. */
  tensor(tensor: OnnxTensor): Known {
    return tensorValues(tensor, this.claim, this.#files);
  }

  /** An axis, counted from the first. @throws {FaceNetError} for one beyond the rank. */
  axis(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
    throw damaged(`${this.place} names the axis ${axis} of a tensor with ${rank} axes`);
  }

  /** The node of a tensor that depends on the image, in a given order of the axes. */
  arranged(value: Computed, order: readonly number[]): string {
    return this.writer.arranged(value, order);
  }

  /** The node of an image in NHWC. */
  image(value: Computed): string {
    if (value.shape.length === 4 && value.shape[0] === 1) return this.writer.arranged(value, [2, 3, 1]);
    throw this.unsupported(`an input of the shape [${value.shape}], which is not one image`);
  }

  /** Adds an operation on tensors in one order of the axes, whose result has the same order. */
  op(
    op: string,
    inputs: string[],
    { shape, order }: Pick<Computed, 'shape' | 'order'>,
    attributes: Record<string, Attribute> = {},
  ): Computed {
    this.requireSize(shape);
    const node = this.writer.op(this.name, op, inputs, attributes);
    return { kind: 'computed', node, shape, order };
  }

  /** @throws {FaceNetError} `model-file-unsupported` for a tensor that is larger than those of any face network. */
  requireSize(shape: readonly number[]): void {
    if (!(elementCount(shape) <= maxElements)) throw this.unsupported(`a tensor of the shape [${shape}]`);
  }

  /** A float constant of this operator. */
  floats(label: string, shape: readonly number[], values: ArrayLike<number>): string {
    return this.writer.floats(`${this.name}/${label}`, shape, values);
  }

  /** An int32 constant of this operator. */
  integers(label: string, shape: number[], values: readonly number[]): string {
    return this.writer.integers(`${this.name}/${label}`, shape, values);
  }

  /** The same values in another shape. Only a new view of them if their order allows it. */
  reshape(value: Computed, shape: readonly number[]): Computed {
    if (elementCount(shape) !== elementCount(value.shape)) {
      throw damaged(`${this.place} reshapes [${value.shape}] to [${shape}], which has another number of values`);
    }
    const { before, after } = reshapePlan(value, shape);
    const isFree = value.order.filter((axis) => value.shape[axis] !== 1).join() === before.join();
    const source = isFree ? value.node : this.arranged(value, before);
    // An image whose only size is its channels stays in NHWC.
    const usual = usualOrder(shape);
    const isUsual = usual.filter((axis) => shape[axis] !== 1).join() === after.join();
    const order = isUsual ? usual : after;
    const node = this.writer.reshaped(
      source,
      order.map((axis) => shape[axis] as number),
    );
    return { kind: 'computed', node, shape, order, ...(!isFree && { flattened: value }) };
  }

  /** The operator, its node and its position, for messages. */
  get place(): string {
    const { op, name } = this.node;
    return `The operator ${op} (node ${this.#index}${name ? `, "${name}"` : ''}) of the .onnx file`;
  }

  /** The error for a use of the operator that is not converted. */
  unsupported(what: string): FaceNetError {
    return unsupportedFile(`${this.place} has ${what}, which cannot be converted: export the network without it.`);
  }

  #attribute(name: string): OnnxAttribute | undefined {
    return this.node.attributes.get(name);
  }
}
