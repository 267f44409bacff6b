import type { Pixels } from '../../core/types.ts';
import type { Resampler } from '../../image/pixel-source.ts';
import type { ModelDescriptor, Preprocessing } from '../../models/manifest.ts';
import { readGraphModel } from '../graph-model.ts';
import type { GraphRunner, ModelFiles } from '../runtime.ts';
import { type Call, instantiate, type Kernels } from './kernels.ts';
import { Layout } from './layout.ts';
import { lower, type Operation, type Program, UnsupportedOperator } from './lowering.ts';
import { Memory } from './memory.ts';
import { KernelResampler } from './resampler.ts';
import { type Step, stepsOf } from './steps.ts';
import { type Crew, type ThreadPool, ThreadsLost } from './threads.ts';
import { type PackedWeights, packWeights } from './weights.ts';
import { roomFor, tileSize } from './winograd.ts';

export { UnsupportedOperator };

/** The kernels' own resampling. */
export async function startResampler(module: WebAssembly.Module): Promise<Resampler> {
  return new KernelResampler(await instantiate(module));
}

/** What assembly/convolution.ts notes of the pixels that it computes at once, 48 bytes of each of 16 tiles, and some more. */
const notes = 1024;

/** More pictures at once would compute no faster, and what lies between two operations would leave the processor's caches. */
const largestBatch = 4;

/** What a convolution needs of the room that they share, in bytes. */
function tableBytes(operation: Operation): number {
  if (operation.kind !== 'convolution') return 0;
  const size = tileSize(operation);
  return size ? roomFor(size, operation.input.tensor.floatsPerPixel) : notes;
}

/** What runs a network once, for a number of pictures. */
interface Plan {
  layout: Layout;
  steps: (() => void)[];
}

/** A graph model that runs on the engine's kernels, in a memory of its own. */
export class EngineRunner implements GraphRunner {
  readonly largestBatch = largestBatch;
  readonly #program: Program;
  readonly #preprocessing: Preprocessing;
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #weights: Map<Operation, PackedWeights>;
  /** Where a picture's bytes go, and what the convolutions share, for each thread. */
  readonly #pixels: number;
  readonly #tables: number[];
  readonly #plans = new Map<number, Plan>();
  /** The other threads, where there are some. */
  #crew: Crew | undefined;

  private constructor(program: Program, preprocessing: Preprocessing, kernels: Kernels, crew: Crew | undefined) {
    this.#program = program;
    this.#preprocessing = preprocessing;
    this.#kernels = kernels;
    this.#memory = new Memory(kernels.memory);
    this.#weights = packWeights(program, kernels, this.#memory);
    this.#pixels = this.#memory.take(preprocessing.width * preprocessing.height * 4);
    const bytes = Math.max(0, ...program.operations.map(tableBytes));
    this.#tables = Array.from({ length: crew?.size ?? 1 }, () => this.#memory.take(bytes));
    this.#crew = crew;
  }

  /**
   * @param threads what runs it together with this thread; the module must be the one for threads.
   * @throws {UnsupportedOperator} when the network has one that the kernels do not know.
   */
  static async start(
    { input, outputs, preprocessing }: ModelDescriptor,
    files: ModelFiles,
    module: WebAssembly.Module,
    threads?: Pick<ThreadPool, 'enter'>,
  ): Promise<EngineRunner> {
    const names = outputs.map(({ name }) => name);
    const program = lower(readGraphModel(files), input.name, names);
    if (program.input.height !== preprocessing.height || program.input.width !== preprocessing.width) {
      throw new UnsupportedOperator('the input is not of the size that the preprocessing names');
    }
    const kernels = await instantiate(module);
    const crew = threads?.enter(module, kernels.memory);
    try {
      return new EngineRunner(program, preprocessing, kernels, crew);
    } catch (error) {
      crew?.leave();
      throw error;
    }
  }

  async run(pictures: readonly Pixels[]): Promise<Float32Array[]> {
    const ended = this.#crew?.ended();
    if (ended) {
      await ended;
      this.#goOnAlone();
    }
    const { layout, steps } = this.#plan(pictures.length);
    // The zeros around the input come first, and the input itself before what reads it.
    pictures.forEach((picture, i) => {
      this.#enter(picture, i, layout);
    });
    try {
      if (this.#crew) this.#crew.run(pictures.length, steps);
      else for (const step of steps) step();
    } catch (error) {
      if (!(error instanceof ThreadsLost)) throw error;
      return this.run(pictures);
    }
    return this.#program.outputs.map((output) => {
      const length = pictures.length * output.height * output.width * output.channels;
      return this.#memory.floats(layout.inner(output).address, length).slice();
    });
  }

  dispose(): void {
    this.#plans.clear();
    this.#crew?.leave();
  }

  /** The other threads' plans name their shares; all of each step is this thread's from now on. */
  #goOnAlone(): void {
    this.#crew = undefined;
    this.#tables.length = 1;
    this.#plans.clear();
  }

  #plan(pictures: number): Plan {
    const known = this.#plans.get(pictures);
    if (known) return known;
    const layout = new Layout(this.#program, pictures, this.#memory.end);
    this.#memory.reserve(layout.end);
    const steps = stepsOf({
      program: this.#program,
      memory: this.#memory,
      weights: this.#weights,
      layout,
      tables: this.#tables,
      pictures,
    });
    this.#crew?.plan(
      pictures,
      steps.map((step) => (typeof step === 'function' ? [] : step)),
    );
    const kernels = this.#kernels;
    const own = (step: Step) => {
      if (typeof step === 'function') return step;
      const { kernel, numbers } = step[0] as Call;
      return () => kernels[kernel](...numbers);
    };
    const plan = { layout, steps: steps.map(own) };
    this.#plans.set(pictures, plan);
    return plan;
  }

  /** Makes a picture the input's `i`th. */
  #enter({ data }: Pixels, i: number, layout: Layout): void {
    const { width, height, channels, mean, std } = this.#preprocessing;
    const { address, image, row } = layout.inner(this.#program.input);
    this.#memory.bytes(this.#pixels, data.length).set(data);
    const scales = std.map((divisor) => 1 / divisor);
    const reversed = Number(channels === 'bgr');
    this.#kernels.toInput(this.#pixels, address + i * image, row, height, width, reversed, ...mean, ...scales);
  }
}
