import type { ModelDescriptor, Preprocessing } from '../../models/manifest.ts';
import { type NetworkImage, normalise } from '../preprocess.ts';
import type { GraphRunner, ModelFiles } from '../runtime.ts';
import { Layout } from './layout.ts';
import { lowerModel } from './lowering/lower-model.ts';
import type { Operation, Program } from './lowering/program.ts';
import { neededBytes, pixelBytes, threadScratchBytes } from './memory-size.ts';
import { type PackedWeights, packWeights } from './pack-weights.ts';
import type { Step } from './step-context.ts';
import { buildSteps } from './steps.ts';
import { ThreadsLostError } from './threads/barrier.ts';
import type { ThreadGroup, ThreadPool } from './threads/thread-pool.ts';
import { instantiateKernels } from './wasm/instantiate.ts';
import { LinearMemory } from './wasm/linear-memory.ts';
import { callKernel, type Kernels } from './wasm/signatures.ts';

/** Larger batches are not faster, and their intermediate tensors exceed the processor's caches. */
const maxBatchSize = 4;

/** What runs a batch of one size. */
interface Plan {
  layout: Layout;
  /** The first thread's part of each step. */
  steps: (() => void)[];
}

/** Runs a graph model on the WebAssembly kernels, in a memory of its own. */
export class KernelRunner implements GraphRunner {
  readonly maxBatchSize = maxBatchSize;
  readonly #program: Program;
  readonly #preprocessing: Preprocessing;
  readonly #kernels: Kernels;
  readonly #memory: LinearMemory;
  readonly #weights: Map<Operation, PackedWeights>;
  /** The address of an input image's bytes. */
  readonly #pixels: number;
  /** The address of each thread's scratch memory for convolutions. */
  readonly #tables: number[];
  /** The plans by batch size. */
  readonly #plans = new Map<number, Plan>();
  #threads: ThreadGroup | undefined;

  private constructor(
    program: Program,
    preprocessing: Preprocessing,
    kernels: Kernels,
    threads: ThreadGroup | undefined,
  ) {
    this.#program = program;
    this.#preprocessing = preprocessing;
    this.#kernels = kernels;
    this.#memory = new LinearMemory(kernels.memory);
    this.#weights = packWeights(program, kernels, this.#memory);
    this.#pixels = this.#memory.allocate(pixelBytes(preprocessing));
    const bytes = threadScratchBytes(program);
    this.#tables = Array.from({ length: threads?.size ?? 1 }, () => this.#memory.allocate(bytes));
    this.#threads = threads;
  }

  /**
   * Loads a model.
   *
   * @param module the kernels; with `pool`, those compiled for threads.
   * @param pool threads that share the work with the calling thread.
   * @throws {UnsupportedOperatorError} when the kernels lack an operator of the network.
   */
  static async start(
    descriptor: ModelDescriptor,
    files: ModelFiles,
    module: WebAssembly.Module,
    pool?: Pick<ThreadPool, 'attach' | 'size'>,
  ): Promise<KernelRunner> {
    const program = lowerModel(descriptor, files);
    const bytes = pool && neededBytes(program, descriptor.preprocessing, maxBatchSize, pool.size);
    const kernels = await instantiateKernels(module, bytes);
    const threads = pool?.attach(module, kernels.memory);
    try {
      return new KernelRunner(program, descriptor.preprocessing, kernels, threads);
    } catch (error) {
      threads?.detach();
      throw error;
    }
  }

  async run(images: readonly NetworkImage[]): Promise<Float32Array[]> {
    const terminated = this.#threads?.terminated();
    if (terminated) {
      await terminated;
      this.#dropThreads();
    }
    const { layout, steps } = this.#plan(images.length);
    images.forEach((image, i) => {
      this.#normalise(image, i, layout);
    });
    try {
      if (this.#threads) this.#threads.run(images.length, steps);
      else for (const step of steps) step();
    } catch (error) {
      if (!(error instanceof ThreadsLostError)) throw error;
      return this.run(images);
    }
    return this.#program.outputs.map((output) => {
      const length = images.length * output.height * output.width * output.channels;
      return this.#memory.floats(layout.values(output).address, length).slice();
    });
  }

  dispose(): void {
    this.#plans.clear();
    this.#threads?.detach();
  }

  /** Continues on one thread. The plans, which divide the work, are rebuilt. */
  #dropThreads(): void {
    this.#threads = undefined;
    this.#tables.length = 1;
    this.#plans.clear();
  }

  #plan(images: number): Plan {
    const known = this.#plans.get(images);
    if (known) return known;
    const layout = new Layout(this.#program, images, this.#memory.end);
    this.#memory.ensure(layout.end);
    const steps = buildSteps({
      program: this.#program,
      memory: this.#memory,
      weights: this.#weights,
      layout,
      tables: this.#tables,
      images,
    });
    this.#threads?.plan(
      images,
      steps.map((step) => (typeof step === 'function' ? [] : step)),
    );
    const plan = { layout, steps: steps.map((step) => this.#firstThreadPart(step)) };
    this.#plans.set(images, plan);
    return plan;
  }

  #firstThreadPart(step: Step): () => void {
    if (typeof step === 'function') return step;
    const [call] = step;
    return () => callKernel(this.#kernels, call);
  }

  /** Writes an image to index `i` of the input tensor, normalised. */
  #normalise({ data }: NetworkImage, i: number, layout: Layout): void {
    const { address, image, row } = layout.values(this.#program.input);
    const output = address + i * image;
    if (data instanceof Float32Array) this.#normaliseFloats(data, output, row);
    else this.#normaliseBytes(data, output, row);
  }

  #normaliseFloats(data: Float32Array, output: number, row: number): void {
    const { width, height } = this.#preprocessing;
    for (let y = 0; y < height; y++) {
      const pixels = data.subarray(y * width * 3, (y + 1) * width * 3);
      normalise(pixels, this.#preprocessing, this.#memory.floats(output + y * row, width * 3));
    }
  }

  #normaliseBytes(data: Uint8ClampedArray, output: number, row: number): void {
    const { width, height, channels, mean, std } = this.#preprocessing;
    this.#memory.bytes(this.#pixels, data.length).set(data);
    const [scale0, scale1, scale2] = [1 / std[0], 1 / std[1], 1 / std[2]];
    const reversed = channels === 'bgr' ? 1 : 0;
    this.#kernels.toInput(this.#pixels, output, row, height, width, reversed, ...mean, scale0, scale1, scale2);
  }
}
