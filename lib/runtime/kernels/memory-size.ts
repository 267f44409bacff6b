import type { Preprocessing } from '../../models/manifest.ts';
import { Layout } from './layout.ts';
import type { Program } from './lowering/program.ts';
import { packingBytes } from './pack-weights.ts';
import { scratchBytes } from './scratch-memory.ts';
import { align, firstAddress } from './wasm/linear-memory.ts';

/** The size of an input image's bytes, with four channels. */
export function pixelBytes({ width, height }: Pick<Preprocessing, 'width' | 'height'>): number {
  return width * height * 4;
}

/** The scratch memory that each thread needs, in bytes. */
export function threadScratchBytes({ operations }: Program): number {
  return Math.max(0, ...operations.map(scratchBytes));
}

/**
 * An upper bound of the memory that a network needs, in bytes.
 *
 * @param images the largest batch size.
 * @param threads the number of threads.
 */
export function neededBytes(
  program: Program,
  size: Pick<Preprocessing, 'width' | 'height'>,
  images: number,
  threads: number,
): number {
  const parts = [
    firstAddress,
    packingBytes(program),
    pixelBytes(size),
    ...Array.from({ length: threads }, () => threadScratchBytes(program)),
    new Layout(program, images, 0).end,
  ];
  return parts.reduce((sum, bytes) => sum + align(bytes), 0);
}
