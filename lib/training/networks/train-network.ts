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

/** What {@link trainNetwork} learns from. */
export interface TrainingSet {
  /** Whose each picture is. */
  labels: readonly PersonLabel[];
  /** Makes the pictures at these places, [pictures, height, width, channels], as the network wants them; they are freed for you. */
  pictures: (places: readonly number[]) => Tensor4D | Promise<Tensor4D>;
}

/** What {@link trainNetwork} can be told. */
export interface NetworkOptions extends Abortable {
  /** How many mini-batches are learned from. 1 or more, whole. */
  steps: number;
  /** How they are put together. Default: 4 people with 4 faces each. */
  batch?: BatchOptions;
  /** Which triplets are selected in each. Default: all positives, semi-hard negatives, a margin of 0.2, as the FaceNet paper does. */
  mining?: SelectionOptions;
  /** What changes the weights; it stays yours to free. Default: AdaGrad with a learning rate of 0.05, the paper's. */
  optimizer?: Optimizer;
  /** Told of every step as soon as it is done: what a live curve draws. */
  onStep?: (step: NetworkStep) => void;
}

/** How training stands at a step. */
export interface NetworkStep {
  /** Which, from 1. */
  step: number;
  /** The mean loss of a selected triplet before this step's change; 0 when none was selected. */
  loss: number;
  /** How many triplets were selected. */
  selected: number;
  /** The batch's triplets before this step's change. */
  triplets: TripletCounts;
}

/**
 * Trains a network from scratch, or further, with the triplet loss, as the FaceNet paper does: a mini-batch by identity is embedded,
 * triplets are selected from its own embeddings, and the weights go against the gradient of their loss. It needs a backend that
 * differentiates what the network has: for convolutions WebGL or WebGPU, or plain JavaScript.
 *
 * @throws {FaceNetError} `option-invalid`; whatever `pictures` or `onStep` throws; `signal.reason` when aborted, and then the
 *   network is as the last step left it.
 */
export async function trainNetwork(
  tf: TensorFlowCore,
  network: TrainableNetwork,
  { labels, pictures }: TrainingSet,
  options: NetworkOptions,
): Promise<void> {
  const { steps, batch = { people: 4, faces: 4 }, mining = {}, onStep, signal } = checkedOptions(options);
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new FaceNetError('option-invalid', `steps is ${steps}: use a whole number of at least 1.`);
  }
  const batches = identityBatches(labels, batch);
  const optimizer = options.optimizer ?? tf.train.adagrad(0.05);
  try {
    for (let step = 1; step <= steps; step++) {
      await yieldToEventLoop(signal);
      const places = batches.next().value as number[];
      const people = places.map((place) => labels[place] as PersonLabel);
      const input = await pictures(places);
      try {
        const embeddings = await rowsOf(network.embed(input));
        const triplets = selectTriplets(embeddings, people, mining);
        const cost = () => tripletLoss(tf, network.embed(input, { training: true }), triplets, mining);
        const loss = triplets.length === 0 ? undefined : optimizer.minimize(cost, true, network.trained());
        const sum = (await loss?.data())?.[0] ?? 0;
        loss?.dispose();
        onStep?.({
          step,
          loss: sum / Math.max(1, triplets.length),
          selected: triplets.length,
          triplets: countTriplets(embeddings, people, mining.margin),
        });
      } finally {
        input.dispose();
      }
    }
  } finally {
    if (!options.optimizer) optimizer.dispose();
  }
}

/** A matrix's rows; the matrix is freed. */
async function rowsOf(matrix: Tensor2D): Promise<Float32Array[]> {
  try {
    return (await matrix.array()).map((row) => Float32Array.from(row));
  } finally {
    matrix.dispose();
  }
}
