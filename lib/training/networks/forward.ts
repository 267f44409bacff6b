import type { Rank, Tensor, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import {
  type Activation,
  batchNormalisation,
  type Convolution,
  type FullyConnected,
  type Pooling,
} from './description.ts';
import { type Operation, picture, type Step, type WeightSpec } from './operations.ts';

/** What a run through a network needs beside the pictures. */
export interface Run {
  tf: TensorFlowCore;
  /** By the names of the weights. */
  weights: ReadonlyMap<string, Variable>;
  /** Whether dropout drops, and batch normalisation takes the batch's own statistics and learns from them. */
  training: boolean;
  /** Numbers from 0 to 1, for dropout. */
  random: () => number;
  /** Shown the result of every operation; it must not keep it. */
  onResult?: (operation: Operation, result: Tensor) => void;
}

/**
 * Response normalisation's window of 5 channels, α and β of GoogLeNet's and AlexNet's published descriptions, in
 * TensorFlow.js's terms; the FaceNet paper states none.
 */
const response = { depthRadius: 2, bias: 1, alpha: 1e-4 / 5, beta: 0.75 };

/** Keeps the length of 0 from having no gradient. */
const tiny = 1e-12;

/**
 * Runs operations one after the other. It can be differentiated with respect to the weights.
 *
 * @param pictures [pictures, height, width, channels].
 * @returns the last operation's result.
 */
export function forward(operations: readonly Operation[], pictures: Tensor4D, run: Run): Tensor {
  const { tf, onResult } = run;
  return tf.tidy(() => {
    const results: Tensor[] = [];
    for (const operation of operations) {
      const inputs = operation.inputs.map((place) => (place === picture ? pictures : (results[place] as Tensor)));
      const result = apply(operation.step, inputs as [Tensor, ...Tensor[]], operation.weights, run);
      onResult?.(operation, result);
      results.push(result);
    }
    return results.at(-1) ?? pictures;
  });
}

function apply(step: Step, inputs: readonly [Tensor, ...Tensor[]], specs: readonly WeightSpec[], run: Run): Tensor {
  const { tf, training, random } = run;
  const [input, second] = inputs;
  switch (step.kind) {
    case 'convolution': {
      const product = tf.conv2d(
        input as Tensor4D,
        weight<Variable<Rank.R4>>('weights', specs, run),
        step.stride,
        step.padding,
      );
      return finished(product, step, specs, run);
    }
    case 'fully-connected': {
      const product: Tensor = tf.matMul(input, weight('weights', specs, run));
      const largest = step.maxout > 1 ? tf.max(tf.reshape(product, [-1, step.units, step.maxout]), 2) : product;
      return finished(largest, step, specs, run);
    }
    case 'max-pooling':
      return tf.maxPool(input as Tensor4D, step.size, step.stride, step.padding);
    case 'l2-pooling':
      return l2Pool(tf, input as Tensor4D, step);
    case 'average-pooling':
      return tf.mean(input, [1, 2]);
    case 'response-normalisation':
      return tf.localResponseNormalization(
        input as Tensor4D,
        response.depthRadius,
        response.bias,
        response.alpha,
        response.beta,
      );
    case 'flattening':
      return tf.reshape(input, [input.shape[0] as number, -1]);
    case 'dropout':
      return training ? tf.dropout(input, step.rate, undefined, Math.floor(random() * 2 ** 31)) : input;
    case 'l2-normalisation':
      return tf.div(input, tf.sqrt(tf.maximum(tf.sum(tf.square(input), -1, true), tiny)));
    case 'concatenation':
      return tf.concat([...inputs], 3);
    case 'addition':
      return activated(tf, tf.add(input, tf.mul(step.scale, second as Tensor)), step.activation);
  }
}

/** What follows the products of a layer. */
function finished(
  product: Tensor,
  { offset, activation }: Convolution | FullyConnected,
  specs: readonly WeightSpec[],
  run: Run,
): Tensor {
  const { tf } = run;
  if (offset === 'none') return activated(tf, product, activation);
  if (offset === 'bias') return activated(tf, tf.add(product, weight('biases', specs, run)), activation);
  return activated(tf, batchNormalised(product, specs, run), activation);
}

function activated(tf: TensorFlowCore, input: Tensor, activation: Activation): Tensor {
  return activation === 'relu' ? tf.relu(input) : input;
}

/** Without a scale, which the next layer's weights make up for. While training, the moving statistics follow the batch's. */
function batchNormalised(input: Tensor, specs: readonly WeightSpec[], run: Run): Tensor {
  const { tf, training } = run;
  const { decay, epsilon } = batchNormalisation;
  const [beta, movingMean, movingVariance] = [
    weight('beta', specs, run),
    weight('moving mean', specs, run),
    weight('moving variance', specs, run),
  ];
  // TensorFlow.js cannot differentiate without a scale.
  const scale = tf.onesLike(beta);
  if (!training) return tf.batchNorm(input, movingMean, movingVariance, beta, scale, epsilon);
  const { mean, variance } = tf.moments(
    input,
    input.shape.slice(0, -1).map((_, axis) => axis),
  );
  for (const [moving, now] of [
    [movingMean, mean],
    [movingVariance, variance],
  ] as const) {
    moving.assign(tf.add(tf.mul(moving, decay), tf.mul(now, 1 - decay)));
  }
  return tf.batchNorm(input, mean as Tensor1D, variance as Tensor1D, beta, scale, epsilon);
}

/** The root of the sum of squares of each window; beyond the picture's edge there are zeros. */
function l2Pool(tf: TensorFlowCore, input: Tensor4D, { size, stride, padding }: Pooling): Tensor4D {
  const margins = ([1, 2] as const).map((axis): [number, number] => {
    const side = input.shape[axis];
    const missing = padding === 'same' ? Math.max((Math.ceil(side / stride) - 1) * stride + size - side, 0) : 0;
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
  const padded = tf.pad(tf.square(input), [[0, 0], ...margins, [0, 0]]);
  const sums = tf.mul(size * size, tf.avgPool(padded as Tensor4D, size, stride, 'valid'));
  return tf.sqrt(tf.maximum(sums, tiny));
}

function weight<T extends Variable>(role: WeightSpec['role'], specs: readonly WeightSpec[], { weights }: Run): T {
  return weights.get(specs.find((spec) => spec.role === role)?.name ?? '') as T;
}
