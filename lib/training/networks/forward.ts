import type { Rank, Tensor, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import {
  type Activation,
  batchNormalisation,
  type Convolution,
  type FullyConnected,
  type Pooling,
} from './description.ts';
import type { WeightSpec } from './layer-output.ts';
import { networkInput, type Operation } from './operations.ts';

/** The context of a forward pass. */
export interface Run {
  /** TensorFlow.js with an active backend. */
  tf: TensorFlowCore;
  /** The weights by name. */
  weights: ReadonlyMap<string, Variable>;
  /** Whether dropout is active, and batch normalisation uses the batch's statistics and updates the moving ones. */
  training: boolean;
  /** Random numbers from 0 to 1, for dropout. */
  random: () => number;
  /** Called with the result of every operation. The tensor is disposed after the pass. Default: not called. */
  onResult?: (operation: Operation, result: Tensor) => void;
}

/**
 * The window of 5 channels, α and β of the published AlexNet and GoogLeNet, in TensorFlow.js's terms. The FaceNet paper does not
 * state its constants.
 */
const responseNormalisation = { depthRadius: 2, bias: 1, alpha: 1e-4 / 5, beta: 0.75 };

/** Keeps the gradient of a square root finite at 0. */
const epsilon = 1e-12;

/**
 * Runs operations in order. Differentiable with respect to the weights.
 *
 * @param images [images, height, width, channels].
 * @returns the result of the last operation.
 */
export function forward(operations: readonly Operation[], images: Tensor4D, run: Run): Tensor {
  const { tf, onResult } = run;
  return tf.tidy(() => {
    const results: Tensor[] = [];
    for (const operation of operations) {
      const inputs = operation.inputs.map((index) => (index === networkInput ? images : (results[index] as Tensor)));
      const result = apply(operation, inputs as [Tensor, ...Tensor[]], run);
      onResult?.(operation, result);
      results.push(result);
    }
    return results.at(-1) ?? images;
  });
}

function apply({ step, weights }: Operation, inputs: readonly [Tensor, ...Tensor[]], run: Run): Tensor {
  const { tf, training, random } = run;
  const [input, second] = inputs;
  switch (step.kind) {
    case 'convolution':
      return convolve(input as Tensor4D, step, weights, run);
    case 'fully-connected':
      return multiply(input, step, weights, run);
    case 'max-pooling':
      return tf.maxPool(input as Tensor4D, step.size, step.stride, step.padding);
    case 'l2-pooling':
      return l2Pool(tf, input as Tensor4D, step);
    case 'average-pooling':
      return tf.mean(input, [1, 2]);
    case 'response-normalisation': {
      const { depthRadius, bias, alpha, beta } = responseNormalisation;
      return tf.localResponseNormalization(input as Tensor4D, depthRadius, bias, alpha, beta);
    }
    case 'flattening':
      return tf.reshape(input, [input.shape[0] as number, -1]);
    case 'dropout':
      return training ? tf.dropout(input, step.rate, undefined, Math.floor(random() * 2 ** 31)) : input;
    case 'l2-normalisation':
      return tf.div(input, tf.sqrt(tf.maximum(tf.sum(tf.square(input), -1, true), epsilon)));
    case 'concatenation':
      return tf.concat([...inputs], 3);
    case 'addition':
      return activate(tf, tf.add(input, tf.mul(step.scale, second as Tensor)), step.activation);
  }
}

function convolve(input: Tensor4D, step: Convolution, specs: readonly WeightSpec[], run: Run): Tensor {
  const filter = weight<Variable<Rank.R4>>('weights', specs, run);
  return addOffset(run.tf.conv2d(input, filter, step.stride, step.padding), step, specs, run);
}

function multiply(input: Tensor, step: FullyConnected, specs: readonly WeightSpec[], run: Run): Tensor {
  const { tf } = run;
  const product: Tensor = tf.matMul(input, weight('weights', specs, run));
  const output = step.maxout > 1 ? tf.max(tf.reshape(product, [-1, step.units, step.maxout]), 2) : product;
  return addOffset(output, step, specs, run);
}

/** Adds the bias or applies batch normalisation, then the activation. */
function addOffset(
  product: Tensor,
  { offset, activation }: Convolution | FullyConnected,
  specs: readonly WeightSpec[],
  run: Run,
): Tensor {
  const { tf } = run;
  if (offset === 'none') return activate(tf, product, activation);
  if (offset === 'bias') return activate(tf, tf.add(product, weight('biases', specs, run)), activation);
  return activate(tf, batchNormalise(product, specs, run), activation);
}

function activate(tf: TensorFlowCore, input: Tensor, activation: Activation): Tensor {
  return activation === 'relu' ? tf.relu(input) : input;
}

/** Batch normalisation without a scale: the next layer's weights can absorb one. While training, updates the moving statistics. */
function batchNormalise(input: Tensor, specs: readonly WeightSpec[], run: Run): Tensor {
  const { tf, training } = run;
  const { decay, epsilon } = batchNormalisation;
  const [beta, movingMean, movingVariance] = [
    weight('beta', specs, run),
    weight('moving mean', specs, run),
    weight('moving variance', specs, run),
  ];
  // TensorFlow.js has no gradient of batch normalisation without a scale.
  const scale = tf.onesLike(beta);
  if (!training) return tf.batchNorm(input, movingMean, movingVariance, beta, scale, epsilon);
  const { mean, variance } = tf.moments(
    input,
    input.shape.slice(0, -1).map((_, axis) => axis),
  );
  for (const [moving, current] of [
    [movingMean, mean],
    [movingVariance, variance],
  ] as const) {
    moving.assign(tf.add(tf.mul(moving, decay), tf.mul(current, 1 - decay)));
  }
  return tf.batchNorm(input, mean as Tensor1D, variance as Tensor1D, beta, scale, epsilon);
}

/** The Euclidean norm of each window, with zero padding. */
function l2Pool(tf: TensorFlowCore, input: Tensor4D, { size, stride, padding }: Pooling): Tensor4D {
  const margins = ([1, 2] as const).map((axis): [number, number] => {
    const side = input.shape[axis];
    const total = padding === 'same' ? Math.max((Math.ceil(side / stride) - 1) * stride + size - side, 0) : 0;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  // Average pooling with `same` padding would not count the padding in its mean.
  const padded = tf.pad(tf.square(input), [[0, 0], ...margins, [0, 0]]);
  const sums = tf.mul(size * size, tf.avgPool(padded as Tensor4D, size, stride, 'valid'));
  return tf.sqrt(tf.maximum(sums, epsilon));
}

function weight<T extends Variable>(role: WeightSpec['role'], specs: readonly WeightSpec[], { weights }: Run): T {
  return weights.get(specs.find((spec) => spec.role === role)?.name ?? '') as T;
}
