import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { checkedNames, checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { seeded } from '../../core/random.ts';
import type { Abortable } from '../../core/types.ts';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import type { Architecture } from './description.ts';
import { forward, type Run } from './forward.ts';
import type { WeightSpec } from './layer-output.ts';
import { type Operation, operationsOf } from './operations.ts';

/** Options of {@link buildNetwork}. */
export interface BuildOptions extends Abortable {
  /** The random seed, an integer. The same seed gives the same weights. @default 1 */
  seed?: number;
}

/**
 * Builds a network from its description, on the active backend. Weights are uniform within ±√(6 / fan-in) (He et al., arXiv
 * 1502.01852, section 2.2, for ReLU); biases are 0.
 *
 * @param tf TensorFlow.js, from {@link startTensorFlow}.
 * @param architecture the description: one of {@link architectures}, or your own.
 * @param options the random seed, and a signal that cancels the call.
 * @throws {FaceNetError} `option-invalid` when the layers do not fit together; `signal.reason` when aborted. Either way no tensor
 *   remains.
 *
 * @example
 * const { tf } = await startTensorFlow();
 * const network = await buildNetwork(tf, architectures.nn2);
 * show(network.countParameters());
 * network.dispose();
 */
export async function buildNetwork(
  tf: TensorFlowCore,
  architecture: Architecture,
  options: BuildOptions = {},
): Promise<TrainableNetwork> {
  const { seed = 1, signal } = checkedOptions(options, { seed: true });
  const operations = operationsOf(architecture);
  const random = seeded(seed);
  const weights = new Map<string, Variable>();
  try {
    for (const spec of operations.flatMap((operation) => operation.weights)) {
      await yieldToEventLoop(signal);
      weights.set(spec.name, createWeight(tf, spec, random));
    }
  } catch (error) {
    for (const weight of weights.values()) weight.dispose();
    throw error;
  }
  return new TrainableNetwork(tf, architecture, operations, weights, random);
}

/** A network that can be run and trained. Created by {@link buildNetwork}. */
export class TrainableNetwork {
  /** The description that the network was built from. */
  readonly architecture: Architecture;
  /** The weights by name. Those with `trainable` false are the moving statistics of batch normalisation. */
  readonly weights: ReadonlyMap<string, Variable>;
  readonly #tf: TensorFlowCore;
  readonly #operations: readonly Operation[];
  readonly #random: () => number;

  /** @internal */
  constructor(
    tf: TensorFlowCore,
    architecture: Architecture,
    operations: readonly Operation[],
    weights: ReadonlyMap<string, Variable>,
    random: () => number,
  ) {
    this.architecture = architecture;
    this.weights = weights;
    this.#tf = tf;
    this.#operations = operations;
    this.#random = random;
  }

  /** The number of trained parameters. */
  countParameters(): number {
    return this.trained().reduce((sum, { size }) => sum + size, 0);
  }

  /** The trained weights, for an optimiser. */
  trained(): Variable[] {
    return [...this.weights.values()].filter(({ trainable }) => trainable);
  }

  /**
   * Embeds images. Differentiable inside `tf.variableGrads`.
   *
   * @param pictures [images, height, width, channels] of the architecture's input size, standardised as for training.
   * @param options `training` activates dropout, and lets batch normalisation use the batch's statistics and update the moving
   *   ones; default: false. `onResult` is called with every operation's result, which is disposed after the pass.
   * @returns [images, dimension], each row of length 1. The caller disposes it.
   * @throws {FaceNetError} `option-invalid` for an unknown option, or images of another size; `disposed` after {@link dispose}.
   */
  embed(pictures: Tensor4D, options: Partial<Pick<Run, 'training' | 'onResult'>> = {}): Tensor2D {
    const { training = false, onResult } = checkedNames(options, {
      ...{ training: true, onResult: true },
    });
    if ([...this.weights.values()].some(({ isDisposed }) => isDisposed)) {
      throw new FaceNetError('disposed', `The network ${this.architecture.name} was disposed: build it again.`);
    }
    const { input } = this.architecture;
    const [, ...size] = pictures.shape;
    if (`${size}` !== `${input}`) {
      throw new FaceNetError(
        'option-invalid',
        `The images are ${size.join('×')}, and ${this.architecture.name} takes ${input.join('×')}: resize them.`,
      );
    }
    const run = { tf: this.#tf, weights: this.weights, training, random: this.#random, ...(onResult && { onResult }) };
    return forward(this.#operations, pictures, run) as Tensor2D;
  }

  /** Disposes the weights. Idempotent. */
  dispose(): void {
    for (const weight of this.weights.values()) if (!weight.isDisposed) weight.dispose();
  }
}

function createWeight(tf: TensorFlowCore, spec: WeightSpec, random: () => number): Variable {
  return tf.tidy(() => tf.variable(tf.tensor(initialValues(spec, random), [...spec.shape]), spec.trained));
}

function initialValues({ role, shape, fanIn }: WeightSpec, random: () => number): Float32Array {
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  if (role === 'moving variance') return values.fill(1);
  if (role !== 'weights') return values;
  const limit = Math.sqrt(6 / fanIn);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random() - 1) * limit;
  return values;
}
