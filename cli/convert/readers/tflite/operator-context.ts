import { damaged, unsupportedFile } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Weight } from '../../graph/graph-model.ts';
import { activations } from './schema.ts';
import type { Constant, Operator, TfliteFile } from './tflite-file.ts';

/** Changes the layout of a constant. */
export type Layout = (stored: Constant) => Constant;

/** The conversion of one operator: access to its inputs and options, and helpers that add nodes. */
export class OperatorContext {
  readonly file: TfliteFile;
  readonly graph: GraphBuilder;
  readonly operator: Operator;
  /** The name of the operator's node. */
  readonly name: string;
  readonly #nodes: ReadonlyMap<number, string>;

  /**
   * @param nodes the node of each tensor computed so far.
   * @param name the name of the operator's node. Default: `t` and the number of its output.
   */
  constructor(
    file: TfliteFile,
    graph: GraphBuilder,
    nodes: ReadonlyMap<number, string>,
    operator: Operator,
    name = `t${operator.output}`,
  ) {
    this.file = file;
    this.graph = graph;
    this.operator = operator;
    this.name = name;
    this.#nodes = nodes;
  }

  /** The node of a computed input. @throws {FaceNetError} `model-file-damaged` when it has not been computed yet. */
  input(index = 0): string {
    const tensor = this.operator.inputs[index] as number;
    const node = this.#nodes.get(tensor);
    if (node === undefined) {
      throw damaged(`The .tflite file reads tensor ${tensor} before it is computed`);
    }
    return node;
  }

  /** Adds a constant input as a node. @param label completes the node's name. */
  constant(index: number, label: string, layout: Layout = (stored) => stored): string {
    const stored = layout(this.file.constant(this.operator.inputs[index] as number));
    return this.graph.constant(`${this.name}/${label}`, weightOf(stored));
  }

  /** An input that is computed or constant. */
  operand(index: number): string {
    const isConstant = this.file.isConstant(this.operator.inputs[index] as number);
    return isConstant ? this.constant(index, `operand${index}`) : this.input(index);
  }

  /** Whether an optional input is present. */
  hasInput(index: number): boolean {
    return (this.operator.inputs[index] ?? -1) >= 0;
  }

  /** The shape of an input, with a batch of one. */
  inputShape(index = 0): number[] {
    return this.file.shape(this.operator.inputs[index] as number);
  }

  /**
   * Adds an operation and the activation that follows it.
   *
   * @param code the activation's code.
   * @param compute adds the operation under the given name.
   * @param suffix completes the name of the operation if an activation follows.
   */
  activated(code: number, compute: (name: string) => string, suffix = 'linear'): string {
    const activation = this.activation(code);
    if (!activation) return compute(this.name);
    return this.graph.op(this.name, activation, [compute(`${this.name}/${suffix}`)]);
  }

  /** The activation of a code. @throws {Error} for one that is not converted. */
  activation(code: number): 'Relu' | 'Relu6' | undefined {
    const activation = activations[code];
    if (activation === undefined || activation === 'Relu' || activation === 'Relu6') return activation;
    throw this.unsupported(`the activation ${activation}`);
  }

  /**
   * Adds a reshape to the operator's output shape, with any batch size.
   *
   * @throws {Error} when another size depends on the input.
   */
  reshape(name: string, x: string): string {
    const shape = [-1, ...this.file.dynamicShape(this.operator.output).slice(1)];
    if (shape.slice(1).includes(-1)) throw this.unsupported('a shape that depends on the size of the input');
    return this.graph.op(name, 'Reshape', [x, this.graph.integers(`${name}/shape`, [shape.length], shape)]);
  }

  /** The value of two options, a width and a height, that must be equal. @throws {Error} when they differ. */
  squareOption(what: string, widthField: number, heightField: number): number {
    const { options } = this.operator;
    if (options.int(widthField) !== options.int(heightField)) throw this.unsupported(`a ${what} that is not square`);
    return options.int(widthField);
  }

  /** The error for a use of the operator that is not converted. */
  unsupported(what: string): Error {
    return unsupportedFile(
      `The .tflite file has the operator ${this.operator.name} with ${what}, which cannot be converted.`,
    );
  }
}

/** float16 values stay float16, at half the size. */
function weightOf({ shape, values }: Constant): Weight {
  if (values instanceof Uint16Array) return { shape, dtype: 'float32', values, quantization: 'float16' };
  return values instanceof Int32Array ? { shape, dtype: 'int32', values } : { shape, dtype: 'float32', values };
}
