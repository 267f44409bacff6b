// Runs in the page, bundled: times each step of a network on our kernels alone.
import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { Layout } from '../../../lib/runtime/kernels/layout.ts';
import { lowerModel } from '../../../lib/runtime/kernels/lowering/lower-model.ts';
import type { Operation } from '../../../lib/runtime/kernels/lowering/program.ts';
import { packWeights } from '../../../lib/runtime/kernels/pack-weights.ts';
import { scratchBytes } from '../../../lib/runtime/kernels/scratch-memory.ts';
import { buildSteps } from '../../../lib/runtime/kernels/steps.ts';
import { instantiateKernels } from '../../../lib/runtime/kernels/wasm/instantiate.ts';
import { LinearMemory } from '../../../lib/runtime/kernels/wasm/linear-memory.ts';
import { callKernel } from '../../../lib/runtime/kernels/wasm/signatures.ts';
import { selfCheckPixels, toInput } from '../../../lib/runtime/preprocess.ts';
import { fetchBytes, fetchFiles } from './fetch-files.ts';

/** The time of an operation of a network. */
export interface LayerTime {
  /** The kernel and the shapes: operations with equal labels do equal work. */
  label: string;
  /** The multiply-adds of one run. */
  macs: number;
  /** The milliseconds of one run: the best of the samples, and their median. */
  best: number;
  median: number;
}

/** The time of one sample, in milliseconds: enough runs for the resolution of the clock. */
const sampleTime = 2;

/** Times each operation of a network, with its inputs in the cache, in a number of samples. */
export async function timeLayers(descriptor: ModelDescriptor, wasmFile: string, samples: number): Promise<LayerTime[]> {
  const program = lowerModel(descriptor, await fetchFiles(descriptor));
  const kernels = await instantiateKernels(
    await WebAssembly.compile(await fetchBytes(`/models/engines/${wasmFile}.wasm`)),
  );
  const memory = new LinearMemory(kernels.memory);
  const weights = packWeights(program, kernels, memory);
  const table = memory.allocate(Math.max(0, ...program.operations.map(scratchBytes)));
  const layout = new Layout(program, 1, memory.end);
  memory.ensure(layout.end);
  const { address } = layout.values(program.input);
  const { row } = layout.values(program.input);
  const { preprocessing } = descriptor;
  const input = toInput([selfCheckPixels(preprocessing)], preprocessing);
  for (let y = 0; y < preprocessing.height; y++) {
    const length = preprocessing.width * 3;
    memory.floats(address + y * row, length).set(input.subarray(y * length, (y + 1) * length));
  }
  const context = { program, memory, weights, layout, tables: [table], images: 1 };
  const steps = buildSteps(context);
  // An operation is the last step that buildSteps gives for it: the others clear the padding of its output.
  const times: LayerTime[] = [];
  let next = hasPadding(program.input) ? 1 : 0;
  for (const [i, step] of steps.entries()) if (i < next) run(step);
  for (const operation of program.operations) {
    if (hasPadding(operation.output)) run(steps[next++] as (typeof steps)[number]);
    const step = steps[next++] as (typeof steps)[number];
    times.push({ ...describe(operation), ...timeStep(() => run(step), samples) });
  }
  return times;

  function run(step: (typeof steps)[number]): void {
    if (typeof step === 'function') step();
    else callKernel(kernels, step[0]);
  }
}

function timeStep(run: () => void, samples: number): { best: number; median: number } {
  let runs = 1;
  for (; ; runs *= 2) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    if (performance.now() - start > sampleTime) break;
  }
  const times = Array.from({ length: samples }, () => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    return (performance.now() - start) / runs;
  }).sort((a, b) => a - b);
  return { best: times[0] as number, median: times[Math.floor(samples / 2)] as number };
}

function hasPadding({ padding: { top, left, bottom, right } }: Operation['output']): boolean {
  return top + left + bottom + right > 0;
}

function describe(operation: Operation): { label: string; macs: number } {
  const { kind, output } = operation;
  const size = `${output.height}×${output.width}×${output.channels}`;
  if (kind !== 'convolution' && kind !== 'depthwise') return { label: `${kind} → ${size}`, macs: 0 };
  const [rows = 0, columns = 0, inputs = 0] = operation.filter.shape;
  const [stride] = operation.strides;
  const name = kind === 'convolution' && rows * columns === 1 ? 'pointwise' : kind;
  const filter = name === 'pointwise' ? '' : ` ${rows}×${columns}${stride > 1 ? ` / ${stride}` : ''}`;
  const from = kind === 'depthwise' ? '' : ` ${inputs}`;
  const macs = output.height * output.width * operation.filter.shape.reduce((product, length) => product * length, 1);
  return { label: `${name}${filter}${from} → ${size}`, macs };
}
