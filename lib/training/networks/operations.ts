import { FaceNetError } from '../../core/errors.ts';
import type {
  Activation,
  Architecture,
  Convolution,
  FullyConnected,
  Layer,
  Offset,
  Shape,
  SimpleLayer,
} from './description.ts';

/** A tensor of numbers that belongs to a network. */
export interface WeightSpec {
  /** Unique in the network: the names of the layers around it, by slashes. */
  name: string;
  shape: readonly number[];
  role: 'weights' | 'biases' | 'beta' | 'moving mean' | 'moving variance';
  /** Whether it is learned by descending the gradient; moving statistics are not. */
  trained: boolean;
  /** How many products are added up for one number of the layer's output. */
  fanIn: number;
}

/** What an operation does: a simple layer, or what holds several together. */
export type Step =
  | SimpleLayer
  | { kind: 'concatenation' }
  | { kind: 'addition'; scale: number; activation: Activation };

/** An operation of a network, with everything that follows from its place. */
export interface Operation {
  /** The row of the description that it belongs to. */
  row: string;
  step: Step;
  /** The places of the operations whose results it takes; `picture` is the picture. */
  inputs: readonly (number | typeof picture)[];
  output: Shape;
  weights: readonly WeightSpec[];
  /** Products that are added up for one picture. Biases, pooling and normalisation are not counted. */
  multiplyAdds: number;
}

/** The place of the network's input. */
export const picture = -1;

/**
 * Spells a description out: its operations in the order in which they can be run, with shapes, weights and costs.
 *
 * @throws {FaceNetError} `option-invalid`, with the layer's name, when layers do not fit together.
 */
export function operationsOf({ name, input, layers, scope = '' }: Architecture): Operation[] {
  const operations: Operation[] = [];
  const shapeAt = (place: number): Shape => (place === picture ? input : (operations[place] as Operation).output);

  const push = (operation: Operation): number => operations.push(operation) - 1;

  const add = (layer: Layer, from: number, row: string, path: string): number => {
    const here = joined(path, layer.name);
    if (layer.kind === 'block') {
      const ends = layer.branches.map((branch, i) =>
        addAll(branch, from, row, layer.branches.length > 1 ? joined(here, `Branch_${i}`) : here),
      );
      if (ends.length === 1) return ends[0] as number;
      const output = concatenated(ends.map(shapeAt), here);
      return push({ row, step: { kind: 'concatenation' }, inputs: ends, output, weights: [], multiplyAdds: 0 });
    }
    if (layer.kind === 'residual') {
      const end = addAll(layer.layers, from, row, here);
      const output = shapeAt(from);
      if (`${output}` !== `${shapeAt(end)}`) {
        throw misfit(here, `it adds ${shapeAt(end).join('×')} numbers to ${output.join('×')}`);
      }
      const { scale, activation } = layer;
      const step = { kind: 'addition', scale, activation } as const;
      return push({ row, step, inputs: [from, end], output, weights: [], multiplyAdds: 0 });
    }
    return push({ row, step: layer, inputs: [from], ...simple(layer, shapeAt(from), here) });
  };
  const addAll = (list: readonly Layer[], from: number, row: string, path: string): number =>
    list.reduce((place, layer) => add(layer, place, row, path), from);

  layers.reduce((place, layer) => add(layer, place, layer.name, scope), picture as number);
  const names = operations.flatMap(({ weights }) => weights.map((weight) => weight.name));
  if (new Set(names).size < names.length) throw misfit(name, 'two of its weights have one name');
  return operations;
}

/** What a simple layer makes of numbers of a shape. */
function simple(
  layer: SimpleLayer,
  input: Shape,
  path: string,
): Pick<Operation, 'output' | 'weights' | 'multiplyAdds'> {
  const free = (output: Shape) => ({ output, weights: [], multiplyAdds: 0 });
  switch (layer.kind) {
    case 'convolution': {
      const [height, width, channels] = asPicture(input, path);
      const { filters, kernel } = layer;
      const output = [along(height, kernel[0], layer, path), along(width, kernel[1], layer, path), filters] as const;
      const fanIn = kernel[0] * kernel[1] * channels;
      const weights = weightsOf(layer, path, [...kernel, channels, filters], filters, fanIn);
      return { output, weights, multiplyAdds: output[0] * output[1] * filters * fanIn };
    }
    case 'max-pooling':
    case 'l2-pooling': {
      const [height, width, channels] = asPicture(input, path);
      return free([along(height, layer.size, layer, path), along(width, layer.size, layer, path), channels]);
    }
    case 'average-pooling':
      return free([asPicture(input, path)[2]]);
    case 'flattening':
      return free([input.reduce((product, side) => product * side, 1)]);
    case 'fully-connected': {
      const [length, ...more] = input;
      if (more.length > 0) throw misfit(path, 'it takes a vector: flatten or pool before it');
      const products = layer.units * layer.maxout;
      const weights = weightsOf(layer, path, [length, products], products, length);
      return { output: [layer.units], weights, multiplyAdds: length * products };
    }
    case 'response-normalisation':
    case 'dropout':
    case 'l2-normalisation':
      return free(input);
  }
}

/** How many steps a window makes along a side. */
function along(
  side: number,
  window: number,
  { stride, padding }: Pick<Convolution, 'stride' | 'padding'>,
  path: string,
): number {
  const steps = Math.ceil((padding === 'same' ? side : side - window + 1) / stride);
  if (steps < 1) throw misfit(path, `its window of ${window} is larger than the ${side} that it is to be moved along`);
  return steps;
}

function weightsOf(
  { offset }: Convolution | FullyConnected,
  path: string,
  shape: readonly number[],
  filters: number,
  fanIn: number,
): WeightSpec[] {
  const perFilter = { shape: [filters], fanIn };
  const offsets: Record<Offset, WeightSpec[]> = {
    none: [],
    bias: [{ name: `${path}/biases`, role: 'biases', trained: true, ...perFilter }],
    // TF-slim's names, so that its checkpoints fit.
    'batch-normalisation': [
      { name: `${path}/BatchNorm/beta`, role: 'beta', trained: true, ...perFilter },
      { name: `${path}/BatchNorm/moving_mean`, role: 'moving mean', trained: false, ...perFilter },
      { name: `${path}/BatchNorm/moving_variance`, role: 'moving variance', trained: false, ...perFilter },
    ],
  };
  return [{ name: `${path}/weights`, shape, role: 'weights', trained: true, fanIn }, ...offsets[offset]];
}

function concatenated(shapes: readonly Shape[], path: string): Shape {
  const pictures = shapes.map((shape) => asPicture(shape, path));
  const [height, width] = pictures[0] as [number, number, number];
  if (pictures.some((shape) => shape[0] !== height || shape[1] !== width)) {
    throw misfit(path, `its branches end in different sizes: ${shapes.map((shape) => shape.join('×')).join(', ')}`);
  }
  return [height, width, pictures.reduce((sum, shape) => sum + shape[2], 0)];
}

function asPicture(shape: Shape, path: string): readonly [number, number, number] {
  if (shape.length === 1) throw misfit(path, 'it takes a picture, and a vector comes before it');
  return shape;
}

function joined(path: string, name: string): string {
  return [path, name].filter((part) => part !== '').join('/');
}

function misfit(path: string, why: string): FaceNetError {
  return new FaceNetError('option-invalid', `The layer ${path} does not fit: ${why}.`);
}
