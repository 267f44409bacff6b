import type { Activation, Architecture, Block, Layer, Residual, Shape, SimpleLayer } from './description.ts';
import { imageShape, type LayerOutput, layerMismatch, layerOutput } from './layer-output.ts';

/** What an operation computes: a simple layer, or the end of a composite one. */
export type Step =
  | SimpleLayer
  | { kind: 'concatenation' }
  | { kind: 'addition'; scale: number; activation: Activation };

/** An operation of a network, with its shape, weights and cost. */
export interface Operation extends LayerOutput {
  /** The row of the description that the operation belongs to. */
  row: string;
  step: Step;
  /** The indices of the operations whose results it takes; {@link networkInput} is the image. */
  inputs: readonly number[];
}

/** The index that stands for the network's input. */
export const networkInput = -1;

/**
 * Expands a description into operations in execution order, with their shapes, weights and costs.
 *
 * @throws {FaceNetError} `option-invalid` with the layer's name when layers do not fit together.
 */
export function operationsOf({ name, input, layers, scope = '' }: Architecture): Operation[] {
  const expansion = new Expansion(input);
  layers.reduce((from, layer) => expansion.add(layer, from, layer.name, scope), networkInput);
  const { operations } = expansion;
  const names = operations.flatMap(({ weights }) => weights.map((weight) => weight.name));
  if (new Set(names).size < names.length) throw layerMismatch(name, 'two of its weights have one name');
  return operations;
}

/** The operations added so far. */
class Expansion {
  readonly operations: Operation[] = [];
  readonly #input: Shape;

  constructor(input: Shape) {
    this.#input = input;
  }

  /**
   * Adds a layer's operations.
   *
   * @param from the index of the operation whose result the layer takes.
   * @param parent the path of the enclosing layers.
   * @returns the index of the operation that gives the layer's output.
   */
  add(layer: Layer, from: number, row: string, parent: string): number {
    const path = joined(parent, layer.name);
    if (layer.kind === 'block') return this.#addBlock(layer, from, row, path);
    if (layer.kind === 'residual') return this.#addResidual(layer, from, row, path);
    return this.#push({ row, step: layer, inputs: [from], ...layerOutput(layer, this.#shapeAt(from), path) });
  }

  #addBlock({ branches }: Block, from: number, row: string, path: string): number {
    const ends = branches.map((branch, i) =>
      this.#addSequence(branch, from, row, branches.length > 1 ? joined(path, `Branch_${i}`) : path),
    );
    if (ends.length === 1) return ends[0] as number;
    const output = concatenated(
      ends.map((end) => this.#shapeAt(end)),
      path,
    );
    return this.#push({ row, step: { kind: 'concatenation' }, inputs: ends, output, weights: [], multiplyAdds: 0 });
  }

  #addResidual({ layers, scale, activation }: Residual, from: number, row: string, path: string): number {
    const end = this.#addSequence(layers, from, row, path);
    const [output, added] = [this.#shapeAt(from), this.#shapeAt(end)];
    if (`${output}` !== `${added}`) {
      throw layerMismatch(path, `it adds ${added.join('×')} values to ${output.join('×')}`);
    }
    const step = { kind: 'addition', scale, activation } as const;
    return this.#push({ row, step, inputs: [from, end], output, weights: [], multiplyAdds: 0 });
  }

  #addSequence(layers: readonly Layer[], from: number, row: string, path: string): number {
    return layers.reduce((index, layer) => this.add(layer, index, row, path), from);
  }

  #push(operation: Operation): number {
    return this.operations.push(operation) - 1;
  }

  #shapeAt(index: number): Shape {
    return index === networkInput ? this.#input : (this.operations[index] as Operation).output;
  }
}

function concatenated(shapes: readonly Shape[], path: string): Shape {
  const images = shapes.map((shape) => imageShape(shape, path));
  const [height, width] = images[0] as [number, number, number];
  if (images.some((shape) => shape[0] !== height || shape[1] !== width)) {
    throw layerMismatch(
      path,
      `its branches have different sizes: ${shapes.map((shape) => shape.join('×')).join(', ')}`,
    );
  }
  return [height, width, images.reduce((sum, shape) => sum + shape[2], 0)];
}

function joined(path: string, name: string): string {
  return [path, name].filter((part) => part !== '').join('/');
}
