import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Pixels } from '../core/types.ts';
import type { ModelDescriptor } from '../models/manifest.ts';
import { selfCheckPixels } from './preprocess.ts';
import type { GraphRunner, ModelFiles, Runtime } from './runtime.ts';

/**
 * A graph model that runs on one runtime: the one loader and runner for every network. Pictures go in and plain numbers come
 * out.
 */
export class Network {
  readonly descriptor: ModelDescriptor;
  readonly #runner: GraphRunner;

  private constructor(descriptor: ModelDescriptor, runner: GraphRunner) {
    this.descriptor = descriptor;
    this.#runner = runner;
  }

  /** Puts a model onto a runtime. */
  static async load(runtime: Runtime, descriptor: ModelDescriptor, files: ModelFiles): Promise<Network> {
    return new Network(descriptor, await runtime.start(descriptor, files));
  }

  /**
   * Runs the network on pictures, some at a time.
   *
   * @param pictures of the size that the descriptor's preprocessing names; they may be made as they are needed.
   * @returns for each picture the outputs, in the order in which the descriptor lists them.
   */
  async run(pictures: Iterable<Pixels>, signal?: AbortSignal): Promise<Float32Array[][]> {
    const answers: Float32Array[][] = [];
    for (const batch of batches(pictures, this.#runner.largestBatch)) {
      await yieldToEventLoop(signal);
      const outputs = await this.#runner.run(batch);
      batch.forEach((_, i) => {
        answers.push(outputs.map((output) => part(output, i, batch.length)));
      });
    }
    return answers;
  }

  /**
   * Runs the network on a picture whose answer is known, which also compiles what the runtime compiles on first use.
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
    this.#runner.dispose();
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
