import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { seeded } from '../../core/random.ts';
import type { Abortable } from '../../core/types.ts';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import type { Architecture } from './description.ts';
import { forward, type Run } from './forward.ts';
import { type Operation, operationsOf, type WeightSpec } from './operations.ts';

/** What {@link buildNetwork} can be told. */
export interface BuildOptions extends Abortable {
  /** The same seed gives the same weights. A whole number. Default: 1. */
  seed?: number;
}

/**
 * Builds a network from its description, on the active backend. Weights are uniform within ±√(6 / n), where n is how many products
 * make a number of the layer's output (He et al., arXiv 1502.01852, section 2.2, for ReLU); biases are 0.
 *
 * @param tf see {@link startTensorFlow}.
 * @throws {FaceNetError} `option-invalid` when the layers do not fit together; `signal.reason` when aborted, and then what was
 *   built is freed.
 */
export async function buildNetwork(
  tf: TensorFlowCore,
  architecture: Architecture,
  options: BuildOptions = {},
): Promise<TrainableNetwork> {
  const { seed = 1, signal } = checkedOptions(options);
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

/** A network that can be run and trained. Made by {@link buildNetwork}. */
export class TrainableNetwork {
  /** What it was built from. */
  readonly architecture: Architecture;
  /** The weights by name. Those that are not `trainable` are batch normalisation's moving statistics. */
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

  /** How many numbers are learned. */
  countParameters(): number {
    return this.trained().reduce((sum, { size }) => sum + size, 0);
  }

  /** The weights that are learned, for an optimiser. */
  trained(): Variable[] {
    return [...this.weights.values()].filter(({ trainable }) => trainable);
  }

  /**
   * Embeds pictures. Inside `tf.variableGrads` it can be differentiated.
   *
   * @param pictures [pictures, height, width, channels] as the architecture's input says, standardised as its training wants.
   * @param options `training` lets dropout drop and batch normalisation use, and learn from, this batch's statistics;
   *   default: false. `onResult` is shown every operation's result while it lasts.
   * @returns [pictures, dimension], each row of length 1. It is the caller's to dispose.
   * @throws {FaceNetError} `option-invalid` for pictures of another size; `disposed` after {@link dispose}.
   */
  embed(
    pictures: Tensor4D,
    { training = false, onResult }: Partial<Pick<Run, 'training' | 'onResult'>> = {},
  ): Tensor2D {
    if ([...this.weights.values()].some(({ isDisposed }) => isDisposed)) {
      throw new FaceNetError('disposed', `This ${this.architecture.name} was disposed of: build it anew.`);
    }
    const { input } = this.architecture;
    const [, ...size] = pictures.shape;
    if (`${size}` !== `${input}`) {
      throw new FaceNetError(
        'option-invalid',
        `The pictures are ${size.join('×')}, and ${this.architecture.name} takes ${input.join('×')}: resize them.`,
      );
    }
    const run = { tf: this.#tf, weights: this.weights, training, random: this.#random, ...(onResult && { onResult }) };
    return forward(this.#operations, pictures, run) as Tensor2D;
  }

  /** Frees the weights. It can be called again. */
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
