import { FaceNetError } from '../../core/errors.ts';
import type { Convolution, FullyConnected, Offset, Shape, SimpleLayer } from './description.ts';

/** A weight tensor of a network. */
export interface WeightSpec {
  /** Unique in the network: the names of the enclosing layers, joined by slashes, and the role. */
  name: string;
  shape: readonly number[];
  role: 'weights' | 'biases' | 'beta' | 'moving mean' | 'moving variance';
  /** Whether training changes it by gradient descent. Moving statistics are not trained. */
  trained: boolean;
  /** The number of products per output value of the layer. */
  fanIn: number;
}

/** The output of a layer and its cost. */
export interface LayerOutput {
  output: Shape;
  weights: readonly WeightSpec[];
  /** The multiply-adds for one image. Biases, pooling and normalisation are not counted. */
  multiplyAdds: number;
}

/**
 * The output shape, the weights and the cost of a simple layer.
 *
 * @param path the layer's name with those of the enclosing layers.
 * @throws {FaceNetError} `option-invalid` when the layer does not accept the input shape.
 */
export function layerOutput(layer: SimpleLayer, input: Shape, path: string): LayerOutput {
  switch (layer.kind) {
    case 'convolution':
      return convolutionOutput(layer, input, path);
    case 'max-pooling':
    case 'l2-pooling': {
      const [height, width, channels] = imageShape(input, path);
      return withoutWeights([steps(height, layer.size, layer, path), steps(width, layer.size, layer, path), channels]);
    }
    case 'average-pooling':
      return withoutWeights([imageShape(input, path)[2]]);
    case 'flattening':
      return withoutWeights([input.reduce((product, side) => product * side, 1)]);
    case 'fully-connected':
      return fullyConnectedOutput(layer, input, path);
    case 'response-normalisation':
    case 'dropout':
    case 'l2-normalisation':
      return withoutWeights(input);
  }
}

function convolutionOutput(layer: Convolution, input: Shape, path: string): LayerOutput {
  const [height, width, channels] = imageShape(input, path);
  const { filters, kernel } = layer;
  const output = [steps(height, kernel[0], layer, path), steps(width, kernel[1], layer, path), filters] as const;
  const fanIn = kernel[0] * kernel[1] * channels;
  const weights = weightsOf(layer, path, [...kernel, channels, filters], filters, fanIn);
  return { output, weights, multiplyAdds: output[0] * output[1] * filters * fanIn };
}

function fullyConnectedOutput(layer: FullyConnected, input: Shape, path: string): LayerOutput {
  const [length, ...more] = input;
  if (more.length > 0) throw layerMismatch(path, 'its input is an image: flatten or pool before it');
  const products = layer.units * layer.maxout;
  const weights = weightsOf(layer, path, [length, products], products, length);
  return { output: [layer.units], weights, multiplyAdds: length * products };
}

function withoutWeights(output: Shape): LayerOutput {
  return { output, weights: [], multiplyAdds: 0 };
}

/** The number of positions of a window along a side. */
function steps(
  side: number,
  window: number,
  { stride, padding }: Pick<Convolution, 'stride' | 'padding'>,
  path: string,
): number {
  const count = Math.ceil((padding === 'same' ? side : side - window + 1) / stride);
  if (count < 1) throw layerMismatch(path, `its window of ${window} is larger than its input of ${side}`);
  return count;
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
    // The names of TF-slim, so that its checkpoints load.
    'batch-normalisation': [
      { name: `${path}/BatchNorm/beta`, role: 'beta', trained: true, ...perFilter },
      { name: `${path}/BatchNorm/moving_mean`, role: 'moving mean', trained: false, ...perFilter },
      { name: `${path}/BatchNorm/moving_variance`, role: 'moving variance', trained: false, ...perFilter },
    ],
  };
  return [{ name: `${path}/weights`, shape, role: 'weights', trained: true, fanIn }, ...offsets[offset]];
}

/** Requires an image. @throws {FaceNetError} `option-invalid` for a vector. */
export function imageShape(shape: Shape, path: string): readonly [height: number, width: number, channels: number] {
  if (shape.length === 1) throw layerMismatch(path, 'its input is a vector, and it needs an image');
  return shape;
}

/** The error for a layer that does not fit its input. */
export function layerMismatch(path: string, reason: string): FaceNetError {
  return new FaceNetError('option-invalid', `The layer ${path} does not fit: ${reason}.`);
}
