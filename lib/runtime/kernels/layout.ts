import type { Operation, Program, Tensor, View } from './lowering/program.ts';
import { align } from './wasm/linear-memory.ts';

/** The address of a value in memory, and the distances in bytes to the next column, row and image. */
export interface TensorAddress {
  address: number;
  column: number;
  row: number;
  image: number;
}

/** Bytes that a kernel may read after a tensor's last value. */
const overreadBytes = 64;

/** A region of memory that is occupied up to and including a step. */
interface Allocation {
  from: number;
  to: number;
  lastStep: number;
}

/** Addresses of a program's tensors for a batch. Tensors that are not alive at the same time share memory. */
export class Layout {
  readonly #addresses = new Map<Tensor, TensorAddress>();
  /** The first address after all tensors. */
  readonly end: number;

  /**
   * @param images the batch size.
   * @param start the first free address.
   */
  constructor(program: Program, images: number, start: number) {
    const allocations: Allocation[] = [];
    const lastReads = lastReadSteps(program);
    let end = start;
    const place = (tensor: Tensor, step: number) => {
      const { column, row, image } = stridesOf(tensor);
      const bytes = align(images * image + overreadBytes);
      const address = firstGap(allocations, step, start, bytes);
      allocations.push({ from: address, to: address + bytes, lastStep: lastReads.get(tensor) ?? step });
      end = Math.max(end, address + bytes);
      this.#addresses.set(tensor, { address, column, row, image });
    };
    place(program.input, 0);
    program.operations.forEach((operation, step) => {
      place(operation.output, step);
    });
    this.end = end;
  }

  /** The address of a tensor's padding: its first stored value. */
  padding(tensor: Tensor): TensorAddress {
    return this.#addresses.get(tensor) as TensorAddress;
  }

  /** The address of a view's first value. */
  view({ tensor, top, left }: View): TensorAddress {
    return this.#offset(tensor, tensor.padding.top - top, tensor.padding.left - left);
  }

  /** The address of a tensor's first value inside its padding. */
  values(tensor: Tensor): TensorAddress {
    return this.#offset(tensor, tensor.padding.top, tensor.padding.left);
  }

  #offset(tensor: Tensor, rows: number, columns: number): TensorAddress {
    const start = this.padding(tensor);
    return { ...start, address: start.address + rows * start.row + columns * start.column };
  }
}

function stridesOf({ padding, height, width, floatsPerPixel }: Tensor): Omit<TensorAddress, 'address'> {
  const column = floatsPerPixel * 4;
  const row = (padding.left + width + padding.right) * column;
  return { column, row, image: (padding.top + height + padding.bottom) * row };
}

/** The lowest address at which a number of bytes is free in a step (first fit). */
function firstGap(allocations: readonly Allocation[], step: number, start: number, bytes: number): number {
  const live = allocations.filter(({ lastStep }) => lastStep >= step).sort((a, b) => a.from - b.from);
  let address = start;
  for (const { from, to } of live) {
    if (from - address >= bytes) break;
    address = Math.max(address, to);
  }
  return address;
}

/** The last step that reads each tensor. Outputs are read after the last step. */
function lastReadSteps({ operations, outputs }: Program): Map<Tensor, number> {
  const steps = new Map<Tensor, number>();
  operations.forEach((operation, step) => {
    for (const { tensor } of inputsOf(operation)) steps.set(tensor, step);
  });
  for (const output of outputs) steps.set(output, Number.POSITIVE_INFINITY);
  return steps;
}

function inputsOf(operation: Operation): View[] {
  switch (operation.kind) {
    case 'convolution':
      return operation.residual ? [operation.input, operation.residual] : [operation.input];
    case 'sum':
      return operation.right ? [operation.left, operation.right] : [operation.left];
    case 'product':
      return [operation.left, operation.right];
    case 'host':
      return operation.inputs;
    default:
      return [operation.input];
  }
}
