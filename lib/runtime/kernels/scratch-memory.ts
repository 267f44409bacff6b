import type { Operation } from './lowering/program.ts';
import { winogradScratchBytes, winogradTileSize } from './winograd.ts';

/** The table of assembly/convolution.ts: for each of 16 tiles, three addresses for each of up to 6 pixels. */
const tableBytes = 16 * 3 * 6 * 4;

/** The scratch memory that an operation needs for each thread, in bytes. */
export function scratchBytes(operation: Operation): number {
  if (operation.kind !== 'convolution') return 0;
  const tileSize = winogradTileSize(operation);
  return tileSize ? winogradScratchBytes(tileSize, operation.input.tensor.floatsPerPixel) : tableBytes;
}
