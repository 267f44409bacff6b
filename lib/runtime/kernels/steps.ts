import type { Call } from './kernels.ts';
import type { Layout, Place } from './layout.ts';
import type { Operation, Program, Tensor, View } from './lowering.ts';
import type { Memory } from './memory.ts';
import type { PackedWeights } from './weights.ts';
import { tileSize } from './winograd.ts';

/** What the steps of a run work with. */
export interface Workplace {
  program: Program;
  memory: Memory;
  weights: Map<Operation, PackedWeights>;
  layout: Layout;
  /** Room for the convolutions' tables, of each thread. */
  tables: readonly number[];
  pictures: number;
}

/** What each thread calls, the first one first, as far as there is a share for it; or what the first does in JavaScript. */
export type Step = readonly Call[] | (() => void);

/** The steps that run a program once. */
export function stepsOf(work: Workplace): Step[] {
  const { program } = work;
  return [...framing(work, program.input), ...program.operations.flatMap((operation) => stepsOfOne(work, operation))];
}

function stepsOfOne(work: Workplace, operation: Operation): Step[] {
  return [...framing(work, operation.output), call(work, operation)];
}

/** The zeros around a tensor, anew for each run, since other tensors used the place. */
function framing({ layout, pictures }: Workplace, tensor: Tensor): Step[] {
  const { top, left, bottom, right } = tensor.frame;
  if (top + left + bottom + right === 0) return [];
  const { address, row, column } = layout.whole(tensor);
  const rows = top + tensor.height + bottom;
  const numbers = [address, pictures, rows, row, top, bottom, left * column, right * column];
  return [[{ kernel: 'frame', numbers }]];
}

function call(work: Workplace, operation: Operation): Step {
  switch (operation.kind) {
    case 'convolution':
      return convolution(work, operation);
    case 'depthwise':
      return depthwise(work, operation);
    case 'sum':
      return sum(work, operation);
    case 'pool':
      return pool(work, operation);
    case 'resize':
      return resize(work, operation);
    case 'rearrangement':
      return rearrangement(work, operation);
  }
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

function convolution(work: Workplace, operation: Of<'convolution'>): Step {
  const { layout, tables, pictures } = work;
  const { input, filter, strides, residual, activation, output } = operation;
  const [rows = 0, columns = 0] = filter.shape;
  const { floatsPerPixel } = input.tensor;
  const from = layout.view(input);
  const packed = weightsOf(work, operation);
  const { height, width } = output;
  const common = (table: number) => [
    ...(residual ? read(work, residual) : nothing),
    ...written(layout.inner(output)),
    output.floatsPerPixel,
    ...[table, height, width, activation.low, activation.high],
  ];
  const size = tileSize(operation);
  if (size) {
    const numbers = [...written(from), floatsPerPixel, packed.filter, packed.bias, packed.slopes];
    return tileShares(size, pictures, height, width, tables.length).map((share, i) => ({
      kernel: 'winograd',
      numbers: [...numbers, ...common(tables[i] as number), size, ...share],
    }));
  }
  const numbers = [
    ...[from.address, from.image, from.row * strides[0], from.column * strides[1], from.row],
    ...[packed.filter, packed.bias, packed.slopes, rows, columns * floatsPerPixel],
  ];
  return shares(pictures * height * width, tables.length, pixelsInShare).map((share, i) => ({
    kernel: 'convolution',
    numbers: [...numbers, ...common(tables[i] as number), ...share],
  }));
}

function depthwise(work: Workplace, operation: Of<'depthwise'>): Step {
  const { layout, tables, pictures } = work;
  const { input, filter, strides, activation, output } = operation;
  const [rows = 0, columns = 0] = filter.shape;
  const from = layout.view(input);
  const packed = weightsOf(work, operation);
  const numbers = [
    ...[from.address, from.image, from.row * strides[0], from.column * strides[1], from.row, from.column],
    ...[packed.filter, packed.bias, packed.slopes, rows, columns],
    ...written(layout.inner(output)),
    output.floatsPerPixel,
    ...[output.height, output.width, activation.low, activation.high],
  ];
  return shares(pictures * output.height, tables.length, 1).map((share) => ({
    kernel: 'depthwise',
    numbers: [...numbers, ...share],
  }));
}

function sum(work: Workplace, operation: Of<'sum'>): Step {
  const { layout, pictures } = work;
  const { left, right, activation, output } = operation;
  const numbers = [
    ...read(work, left),
    ...(right ? read(work, right) : nothing),
    weightsOf(work, operation).slopes,
    ...written(layout.inner(output)),
    output.floatsPerPixel,
    ...[pictures, output.height, output.width, activation.low, activation.high],
  ];
  return [{ kernel: 'sum', numbers }];
}

function pool({ layout, pictures }: Workplace, operation: Of<'pool'>): Step {
  const { input, largest, window, strides, top, left, output } = operation;
  const [height = 0, width = 0] = input.shape;
  const numbers = [
    ...[...written(layout.view(input)), height, width, ...window, ...strides, top, left, Number(largest)],
    ...[...written(layout.inner(output)), output.floatsPerPixel, pictures, output.height, output.width],
  ];
  return [{ kernel: 'pool', numbers }];
}

function resize({ layout, pictures }: Workplace, operation: Of<'resize'>): Step {
  const { input, alignCorners, halfPixels, output } = operation;
  const [height = 0, width = 0] = input.shape;
  const scale = (from: number, to: number) => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
  const numbers = [
    ...[...written(layout.view(input)), height, width],
    ...[scale(height, output.height), scale(width, output.width), halfPixels ? 0.5 : 0],
    ...[...written(layout.inner(output)), output.floatsPerPixel, pictures, output.height, output.width],
  ];
  return [{ kernel: 'resize', numbers }];
}

function rearrangement({ memory, layout, pictures }: Workplace, operation: Of<'rearrangement'>): Step {
  const { inputs, rearrange, output } = operation;
  const floats = (tensor: Tensor) =>
    memory.floats(layout.inner(tensor).address, pictures * tensor.height * tensor.width * tensor.channels);
  return () =>
    rearrange(
      inputs.map(({ tensor }) => floats(tensor)),
      floats(output),
      pictures,
    );
}

/** The numbers for a tensor that a kernel adds: where it lies, and how many channels are there. */
function read({ layout }: Workplace, view: View): number[] {
  return [...written(layout.view(view)), view.tensor.floatsPerPixel];
}

/** The numbers for a tensor that is not there. */
const nothing = [0, 0, 0, 0, 0];

function written({ address, image, row, column }: Place): number[] {
  return [address, image, row, column];
}

function weightsOf({ weights }: Workplace, operation: Operation): PackedWeights {
  return weights.get(operation) as PackedWeights;
}

/** A thread's share of a convolution's pixels is a multiple of this, so that only the last one has a tile that is not full. */
const pixelsInShare = 16;

/** So many things in as many shares as there are threads, or in fewer where there are few: from which to which. */
function shares(count: number, threads: number, grain: number): [start: number, end: number][] {
  const each = Math.ceil(count / threads / grain) * grain;
  return Array.from({ length: Math.ceil(count / each) }, (_, i) => [i * each, Math.min(count, (i + 1) * each)]);
}

/**
 * The same of tiles, by whole rows of them. The last row of a picture may lie over the one before it, which it writes over: one thread
 * gets both, so that the answer never depends on which is quicker.
 */
function tileShares(size: number, pictures: number, height: number, width: number, threads: number) {
  const down = Math.ceil(height / size);
  const across = Math.ceil(width / size);
  const overlaps = height % size !== 0;
  const bound = (row: number) => (overlaps && row % down === down - 1 ? row + 1 : row) * across;
  return shares(pictures * down, threads, 1)
    .map(([start, end]) => [bound(start), bound(end)] as const)
    .filter(([start, end]) => start < end);
}
