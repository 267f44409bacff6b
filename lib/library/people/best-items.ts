import { yieldToEventLoop } from '../../core/cancellation.ts';

/**
 * The items of the highest scores, the highest first, as sorting all would order them: of items of one score the first comes first.
 * Yields to the event loop.
 *
 * @param isWanted called for the items that may be among the best.
 */
export async function bestItems<Item>(
  items: readonly Item[],
  { count, scoreOf, isWanted }: { count: number; scoreOf: (item: Item) => number; isWanted: (item: Item) => boolean },
  signal: AbortSignal | undefined,
): Promise<Item[]> {
  let best: { item: Item; score: number }[] = [];
  let lowest = Number.NEGATIVE_INFINITY;
  const dropOthers = () => {
    best = best.sort((a, b) => b.score - a.score).slice(0, count);
    if (best.length === count) lowest = best.at(-1)?.score ?? lowest;
  };
  for (const [i, item] of items.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    const score = scoreOf(item);
    if (score <= lowest || !isWanted(item)) continue;
    best.push({ item, score });
    if (best.length >= 2 * count) dropOthers();
  }
  dropOthers();
  return best.map(({ item }) => item);
}
