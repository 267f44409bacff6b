import type { AnchorGrid, AnchorHead } from '../../../models/manifest.ts';

/** The size of a network's input, in pixels. */
export interface InputSize {
  width: number;
  height: number;
}

/** An anchor in input pixels: its position, and the size that offsets are relative to. */
export interface Anchor {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The number of anchors of a grid. A cell that extends beyond the input counts. */
export function anchorCount({ stride, sizes }: AnchorGrid, { width, height }: InputSize): number {
  return Math.ceil(width / stride) * Math.ceil(height / stride) * sizes.length;
}

/** An anchor of a grid. @param index its position in the outputs: by row, column and size. */
export function anchorOf(
  { offset, clipped }: AnchorHead,
  { stride, sizes }: AnchorGrid,
  input: InputSize,
  index: number,
): Anchor {
  const columns = Math.ceil(input.width / stride);
  const cell = Math.floor(index / sizes.length);
  const size = sizes[index % sizes.length] as number;
  return {
    x: ((cell % columns) + offset) * stride,
    y: (Math.floor(cell / columns) + offset) * stride,
    width: clipped ? Math.min(size, input.width) : size,
    height: clipped ? Math.min(size, input.height) : size,
  };
}
