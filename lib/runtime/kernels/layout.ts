import type { Operation, Program, Tensor, View } from './lowering.ts';
import { aligned } from './memory.ts';

/** Where a tensor lies; strides in bytes. */
export interface Place {
  address: number;
  column: number;
  row: number;
  image: number;
}

/** What a kernel may read behind a tensor's last value. */
const slack = 64;

/** Gives every tensor of a program its place for a batch of pictures; those that are not needed at the same time share theirs. */
export class Layout {
  readonly #places = new Map<Tensor, Place>();
  readonly end: number;

  /** @param start the first address that is free. */
  constructor(program: Program, pictures: number, start: number) {
    const taken: { from: number; to: number; until: number }[] = [];
    const lastReads = lastReadOf(program);
    let end = start;
    const give = (tensor: Tensor, step: number) => {
      const { frame, height, width } = tensor;
      const column = tensor.floatsPerPixel * 4;
      const row = (frame.left + width + frame.right) * column;
      const image = (frame.top + height + frame.bottom) * row;
      const bytes = aligned(pictures * image + slack);
      const inUse = taken.filter(({ until }) => until >= step).sort((a, b) => a.from - b.from);
      let address = start;
      for (const { from, to } of inUse) {
        if (from - address >= bytes) break;
        address = Math.max(address, to);
      }
      taken.push({ from: address, to: address + bytes, until: lastReads.get(tensor) ?? step });
      end = Math.max(end, address + bytes);
      this.#places.set(tensor, { address, column, row, image });
    };
    give(program.input, 0);
    program.operations.forEach((operation, step) => {
      give(operation.output, step);
    });
    this.end = end;
  }

  /** Where a tensor lies with the zeros around it. */
  whole(tensor: Tensor): Place {
    return this.#places.get(tensor) as Place;
  }

  /** Where what a view shows begins. */
  view({ tensor, top, left }: View): Place {
    const place = this.whole(tensor);
    const { frame } = tensor;
    return { ...place, address: place.address + (frame.top - top) * place.row + (frame.left - left) * place.column };
  }

  /** Where a tensor's own values begin. */
  inner(tensor: Tensor): Place {
    const place = this.whole(tensor);
    return { ...place, address: place.address + tensor.frame.top * place.row + tensor.frame.left * place.column };
  }
}

/** The last step in which each tensor is read; outputs are read when all is done. */
function lastReadOf({ operations, outputs }: Program): Map<Tensor, number> {
  const last = new Map<Tensor, number>();
  operations.forEach((operation, step) => {
    for (const { tensor } of readsOf(operation)) last.set(tensor, step);
  });
  for (const output of outputs) last.set(output, Number.POSITIVE_INFINITY);
  return last;
}

function readsOf(operation: Operation): View[] {
  switch (operation.kind) {
    case 'convolution':
      return operation.residual ? [operation.input, operation.residual] : [operation.input];
    case 'sum':
      return operation.right ? [operation.left, operation.right] : [operation.left];
    case 'rearrangement':
      return operation.inputs;
    default:
      return [operation.input];
  }
}
