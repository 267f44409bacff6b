import type { Layout, TensorAddress } from './layout.ts';
import type { Operation, Program, Tensor, View } from './lowering/program.ts';
import type { PackedWeights } from './pack-weights.ts';
import type { LinearMemory } from './wasm/linear-memory.ts';
import type { KernelCall } from './wasm/signatures.ts';

/** What steps are built from. */
export interface StepContext {
  program: Program;
  memory: LinearMemory;
  weights: Map<Operation, PackedWeights>;
  layout: Layout;
  /** The address of each thread's scratch memory for convolutions. */
  tables: readonly number[];
  /** The batch size. */
  images: number;
}

/** The calls of the first thread and of those after it that have a share, or a function that the first thread runs. */
export type Step = readonly [KernelCall, ...KernelCall[]] | (() => void);

/** The address of a tensor and its strides by image, row and column. */
export type AddressArguments = [address: number, image: number, row: number, column: number];

/** The address of a tensor, its strides, and the number of channels in memory. */
export type TensorArguments = [...AddressArguments, channels: number];

/** The arguments for a tensor that is absent. */
export const absentTensor: TensorArguments = [0, 0, 0, 0, 0];

/** The arguments for a tensor that a kernel reads. */
export function viewArguments({ layout }: StepContext, view: View): TensorArguments {
  return [...addressArguments(layout.view(view)), view.tensor.floatsPerPixel];
}

/** The arguments for a tensor that a kernel writes. */
export function outputArguments({ layout }: StepContext, output: Tensor): TensorArguments {
  return [...addressArguments(layout.values(output)), output.floatsPerPixel];
}

/** An address as arguments. */
export function addressArguments({ address, image, row, column }: TensorAddress): AddressArguments {
  return [address, image, row, column];
}

/** The packed weights of an operation that has some. */
export function weightsOf({ weights }: StepContext, operation: Operation): PackedWeights {
  return weights.get(operation) as PackedWeights;
}
