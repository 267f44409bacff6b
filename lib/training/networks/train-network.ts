import type { Optimizer, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable } from '../../core/types.ts';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import { type BatchOptions, identityBatches } from '../triplets/identity-batches.ts';
import { tripletLoss } from '../triplets/losses.ts';
import { type SelectionOptions, selectTriplets } from '../triplets/selection.ts';
import { countTriplets, type PersonLabel, type TripletCounts } from '../triplets/triplets.ts';
import type { TrainableNetwork } from './trainable-network.ts';

/** The training set of {@link trainNetwork}. */
export interface TrainingSet {
  /** The person of each image. */
  labels: readonly PersonLabel[];
  /** Loads the images at these indices, [images, height, width, channels], standardised. {@link trainNetwork} disposes them. */
  pictures: (places: readonly number[]) => Tensor4D | Promise<Tensor4D>;
}

/** Options of {@link trainNetwork}. */
export interface NetworkOptions extends Abortable {
  /** The number of mini-batches. An integer, 1 or more. */
  steps: number;
  /** The composition of a mini-batch. @default { people: 4, faces: 4 } */
  batch?: BatchOptions;
  /** Triplet selection. Default: `all` positives, `semi-hard` negatives and a margin of 0.2, as in the FaceNet paper. */
  mining?: SelectionOptions;
  /** The optimiser, which the caller disposes. Default: AdaGrad with the paper's learning rate of 0.05. */
  optimizer?: Optimizer;
  /** Called after every step. Default: not called. */
  onStep?: (step: NetworkStep) => void;
}

/** The state of training at a step. */
export interface NetworkStep {
  /** The step's number, from 1. */
  step: number;
  /** The mean loss per selected triplet before the step's update; 0 when none was selected. */
  loss: number;
  /** The number of selected triplets. */
  selected: number;
  /** The triplets of the mini-batch before the step's update. */
  triplets: TripletCounts;
}

/**
 * Trains a network with the triplet loss, from scratch or from loaded weights. Each step embeds a mini-batch of several faces per
 * person, selects triplets from its embeddings and takes one gradient step (FaceNet paper, arXiv 1503.03832, section 3.2). Networks
 * with convolutions need the WebGL, WebGPU or CPU backend: the WASM backend has no gradient of a convolution.
 *
 * @param tf TensorFlow.js with gradients, from {@link startTensorFlow}.
 * @param network the network, whose weights are changed.
 * @param data the person of each image, and a function that loads images.
 * @param options the number of steps, which is required, mini-batches, triplet selection, optimiser, `onStep`, and a signal that
 *   cancels the call.
 * @throws {FaceNetError} `option-invalid`; any error of `pictures` or `onStep`; `signal.reason` when aborted, and then the network
 *   keeps the weights of the last completed step.
 *
 * @example
 * const data = { labels, pictures: load };
 * await trainNetwork(tf, network, data, { steps: 100, onStep: ({ step, loss }) => console.log(step, loss) });
 */
export async function trainNetwork(
  tf: TensorFlowCore,
  network: TrainableNetwork,
  data: TrainingSet,
  options: NetworkOptions,
): Promise<void> {
  const { labels, pictures } = data;
  const {
    steps,
    batch = { people: 4, faces: 4 },
    mining = {},
    onStep,
    signal,
  } = checkedOptions(options, {
    ...{ steps: true, batch: true, mining: true, optimizer: true, onStep: true },
  });
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new FaceNetError('option-invalid', `steps is ${steps}: use an integer of 1 or more.`);
  }
  const batches = identityBatches(labels, batch);
  const optimizer = options.optimizer ?? tf.train.adagrad(0.05);
  try {
    for (let step = 1; step <= steps; step++) {
      await yieldToEventLoop(signal);
      const indices = batches.next().value as number[];
      const batchLabels = indices.map((index) => labels[index] as PersonLabel);
      const images = await pictures(indices);
      try {
        const result = await trainStep(tf, network, { images, labels: batchLabels }, optimizer, mining);
        onStep?.({ step, ...result });
      } finally {
        images.dispose();
      }
    }
  } finally {
    if (!options.optimizer) optimizer.dispose();
  }
}

async function trainStep(
  tf: TensorFlowCore,
  network: TrainableNetwork,
  { images, labels }: { images: Tensor4D; labels: readonly PersonLabel[] },
  optimizer: Optimizer,
  mining: SelectionOptions,
): Promise<Omit<NetworkStep, 'step'>> {
  const embeddings = await rowsOf(network.embed(images));
  const triplets = selectTriplets(embeddings, labels, mining);
  const { margin } = mining;
  const options = margin === undefined ? {} : { margin };
  const cost = () => tripletLoss(tf, network.embed(images, { training: true }), triplets, options);
  const loss = triplets.length === 0 ? undefined : optimizer.minimize(cost, true, network.trained());
  const sum = (await loss?.data())?.[0] ?? 0;
  loss?.dispose();
  return {
    loss: sum / Math.max(1, triplets.length),
    selected: triplets.length,
    triplets: countTriplets(embeddings, labels, mining.margin),
  };
}

/** The rows of a matrix. Disposes the matrix. */
async function rowsOf(matrix: Tensor2D): Promise<Float32Array[]> {
  try {
    return (await matrix.array()).map((row) => Float32Array.from(row));
  } finally {
    matrix.dispose();
  }
}
