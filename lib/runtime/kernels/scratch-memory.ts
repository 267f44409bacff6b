import type { Operation } from './lowering/program.ts';
import { winogradScratchBytes, winogradTileSize } from './winograd.ts';

/** The table of assembly/convolution.ts: 48 bytes for each of 16 tiles, rounded up. */
const tableBytes = 1024;

/** The scratch memory that an operation needs for each thread, in bytes. */
export function scratchBytes(operation: Operation): number {
  if (operation.kind !== 'convolution') return 0;
  const tileSize = winogradTileSize(operation);
  return tileSize ? winogradScratchBytes(tileSize, operation.input.tensor.floatsPerPixel) : tableBytes;
}
