import { yieldToEventLoop } from '../core/cancellation.ts';

/** The distance of two items, linked or not. */
export type DistanceOf = (a: number, b: number) => number;

/** The mean distance of the items of two clusters, pair by pair. Yields to the event loop. */
export async function meanDistance(
  a: readonly number[],
  b: readonly number[],
  distanceOf: DistanceOf,
  signal: AbortSignal | undefined,
): Promise<number> {
  let sum = 0;
  for (const item of a) {
    await yieldToEventLoop(signal);
    for (const other of b) sum += distanceOf(item, other);
  }
  return sum / (a.length * b.length);
}
