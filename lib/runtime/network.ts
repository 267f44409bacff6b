import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { ModelDescriptor } from '../models/manifest.ts';
import { selfCheckPixels, toInput } from '../models/preprocess.ts';
import type { Pixels } from '../types.ts';
import { expandWeights } from './fold.ts';
import type { TensorFlow } from './tensorflow.ts';

/** A model's files, read and verified. */
export interface ModelFiles {
  json: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}

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

  /** Puts a model onto a backend that was started. */
  static async load(
    tf: TensorFlow,
    backend: string,
    descriptor: ModelDescriptor,
    { json, weights }: ModelFiles,
  ): Promise<Network> {
    await activate(tf, backend);
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const specs = weightsManifest[0].weights;
    const artifacts = await expandWeights(tf, modelTopology, specs, weights.slice().buffer);
    await activate(tf, backend);
    return new Network(descriptor, tf, backend, tf.loadGraphModelSync(artifacts) as unknown as GraphModel<never>);
  }

  /**
   * Runs the network on a batch of pictures.
   *
   * @param pictures of the size that the descriptor's preprocessing names; at least one.
   * @returns the outputs in the order in which the descriptor lists them, each for the whole batch.
   */
  async run(pictures: readonly Pixels[]): Promise<Float32Array[]> {
    const { preprocessing, input, outputs } = this.descriptor;
    const { width, height } = preprocessing;
    const values = toInput(pictures, preprocessing);
    await activate(this.#tf, this.#backend);
    const names = outputs.map(({ name }) => name);
    const tensors = this.#tf.tidy(() => {
      const tensor = this.#tf.tensor4d(values, [pictures.length, height, width, 3]);
      return [this.#model.execute({ [input.name]: tensor }, names)].flat();
    });
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
  async check(): Promise<string | undefined> {
    const { name, preprocessing, selfCheck } = this.descriptor;
    const [output] = await this.run([selfCheckPixels(preprocessing)]);
    if (!selfCheck || !output) return undefined;
    const worst = Math.max(...selfCheck.values.map((value, i) => Math.abs(value - (output[i] ?? Number.NaN))));
    return worst <= selfCheck.tolerance ? undefined : `${name} gave a wrong answer, off by ${worst.toPrecision(2)}`;
  }

  /** Frees the weights. */
  dispose(): void {
    this.#model.dispose();
  }
}

/** TensorFlow.js has one active backend for the whole page; another FaceNet, or the page itself, may have changed it. */
async function activate(tf: TensorFlow, backend: string): Promise<void> {
  while (tf.getBackend() !== backend) await tf.setBackend(backend);
}
