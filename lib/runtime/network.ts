import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { ModelDescriptor } from '../models/manifest.ts';
import { selfCheckPixels, toInput } from '../models/preprocess.ts';
import type { Pixels } from '../types.ts';
import { expandWeights } from './fold.ts';
import { breathe } from './signal.ts';
import { onBackend, type TensorFlow } from './tensorflow.ts';

/** A model's files, read and verified. */
export interface ModelFiles {
  json: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}

/**
 * The most pictures that go through a network at once: enough to spread the cost of a call, few enough that a photo of a
 * whole school class needs no more memory than a small group.
 */
const largestBatch = 16;

/**
 * A TensorFlow.js graph model that runs on one backend: the one loader and runner for every network. Pictures go in and
 * plain numbers come out; no tensor leaves this file.
 */
export class Network {
  readonly descriptor: ModelDescriptor;
  readonly #tf: TensorFlow;
  readonly #backend: string;
  readonly #model: GraphModel<never>;

  private constructor(descriptor: ModelDescriptor, tf: TensorFlow, backend: string, model: GraphModel<never>) {
    this.descriptor = descriptor;
    this.#tf = tf;
    this.#backend = backend;
    this.#model = model;
  }

  /** Puts a model onto a backend. */
  static async load(
    tf: TensorFlow,
    backend: string,
    descriptor: ModelDescriptor,
    { json, weights }: ModelFiles,
  ): Promise<Network> {
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const specs = weightsManifest[0].weights;
    const model = await onBackend(tf, backend, async () => {
      const artifacts = await expandWeights(tf, modelTopology, specs, weights.slice().buffer);
      return tf.loadGraphModelSync(artifacts) as unknown as GraphModel<never>;
    });
    return new Network(descriptor, tf, backend, model);
  }

  /**
   * Runs the network on pictures, some at a time.
   *
   * @param pictures of the size that the descriptor's preprocessing names; they may be made as they are needed.
   * @returns for each picture the outputs, in the order in which the descriptor lists them.
   */
  async run(pictures: Iterable<Pixels>, signal?: AbortSignal): Promise<Float32Array[][]> {
    const answers: Float32Array[][] = [];
    for (const batch of batches(pictures, largestBatch)) {
      await breathe(signal);
      const outputs = await this.#runBatch(batch);
      batch.forEach((_, i) => {
        answers.push(outputs.map((output) => part(output, i, batch.length)));
      });
    }
    return answers;
  }

  async #runBatch(pictures: readonly Pixels[]): Promise<Float32Array[]> {
    const { preprocessing, input, outputs } = this.descriptor;
    const { width, height } = preprocessing;
    const values = toInput(pictures, preprocessing);
    const names = outputs.map(({ name }) => name);
    const tensors = await onBackend(this.#tf, this.#backend, () =>
      this.#tf.tidy(() => {
        const tensor = this.#tf.tensor4d(values, [pictures.length, height, width, 3]);
        return [this.#model.execute({ [input.name]: tensor }, names)].flat();
      }),
    );
    try {
      return await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  /**
   * Runs the network on a picture whose answer is known, which also compiles what the backend compiles on first use.
   *
   * @returns a sentence about what is wrong, or nothing.
   */
  async check(signal?: AbortSignal): Promise<string | undefined> {
    const { name, preprocessing, selfCheck } = this.descriptor;
    const [outputs = []] = await this.run([selfCheckPixels(preprocessing)], signal);
    const wrong = selfCheck?.some(({ values, stride, tolerance }, i) =>
      values.some((value, j) => !(Math.abs(value - (outputs[i]?.[j * stride] ?? Number.NaN)) <= tolerance)),
    );
    return wrong ? `${name} gave a wrong answer to a picture whose answer is known` : undefined;
  }

  /** Frees the weights. */
  dispose(): void {
    this.#model.dispose();
  }
}

/** Pictures in groups of no more than `size`. */
function* batches(pictures: Iterable<Pixels>, size: number): Generator<Pixels[]> {
  let batch: Pixels[] = [];
  for (const picture of pictures) {
    batch.push(picture);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A picture's share of an output for a whole batch. */
function part(output: Float32Array, i: number, count: number): Float32Array {
  const length = output.length / count;
  return count === 1 ? output : output.slice(i * length, (i + 1) * length);
}
