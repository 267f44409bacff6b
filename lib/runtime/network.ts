import { yieldToEventLoop } from '../core/cancellation.ts';
import type { ModelDescriptor } from '../models/manifest.ts';
import { type NetworkImage, selfCheckPixels } from './preprocess.ts';
import type { GraphRunner, ModelFiles, Runtime } from './runtime.ts';

/** A graph model on a runtime: takes pixels and returns plain arrays. Every network of the library is one. */
export class Network {
  readonly descriptor: ModelDescriptor;
  readonly #runner: GraphRunner;

  private constructor(descriptor: ModelDescriptor, runner: GraphRunner) {
    this.descriptor = descriptor;
    this.#runner = runner;
  }

  /** Loads a model onto a runtime. */
  static async load(runtime: Runtime, descriptor: ModelDescriptor, files: ModelFiles): Promise<Network> {
    return new Network(descriptor, await runtime.start(descriptor, files));
  }

  /**
   * Runs the network on images, in batches of the runner's maximum size. Yields to the event loop between batches.
   *
   * @param images of the size in the descriptor's preprocessing. The iterable may be lazy.
   * @returns for each image the outputs, in the descriptor's order.
   * @throws `signal.reason` when aborted.
   */
  async run(images: Iterable<NetworkImage>, signal?: AbortSignal): Promise<Float32Array[][]> {
    const results: Float32Array[][] = [];
    for (const batch of batches(images, this.#runner.maxBatchSize)) {
      await yieldToEventLoop(signal);
      const outputs = await this.#runner.run(batch);
      batch.forEach((_, i) => {
        results.push(outputs.map((output) => batchItem(output, i, batch.length)));
      });
    }
    return results;
  }

  /**
   * Runs the network on the self-check image and compares the outputs with those in the descriptor. This also compiles
   * what the runtime compiles on first use.
   *
   * @returns an error message, or `undefined` if the outputs agree.
   */
  async check(signal?: AbortSignal): Promise<string | undefined> {
    const { name, preprocessing, selfCheck } = this.descriptor;
    const [outputs = []] = await this.run([selfCheckPixels(preprocessing)], signal);
    const differs = selfCheck?.some(({ values, stride, tolerance }, i) =>
      values.some((value, j) => !(Math.abs(value - (outputs[i]?.[j * stride] ?? Number.NaN)) <= tolerance)),
    );
    return differs ? `${name} failed its self-check: its outputs differ from the recorded ones` : undefined;
  }

  /** Frees the weights. */
  dispose(): void {
    this.#runner.dispose();
  }
}

/** Groups images into batches. */
function* batches(images: Iterable<NetworkImage>, maxBatchSize: number): Generator<NetworkImage[]> {
  let batch: NetworkImage[] = [];
  for (const image of images) {
    batch.push(image);
    if (batch.length < maxBatchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The values of one image in an output of a batch. */
function batchItem(output: Float32Array, index: number, batchSize: number): Float32Array {
  const length = output.length / batchSize;
  return batchSize === 1 ? output : output.slice(index * length, (index + 1) * length);
}
