import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabelledPair, parsePairs } from '../../../lib/evaluation/index.ts';

/** The pairs of a folder in LFW's layout. @throws {Error} when there is no pairs.txt. */
export function readPairs(data: string): LabelledPair[] {
  const file = join(data, 'pairs.txt');
  if (!existsSync(file)) throw new Error(`${file} is missing: --data is a folder with pairs.txt and images/.`);
  return parsePairs(readFileSync(file, 'utf8'));
}

/** The pairs of some folds ("1-4", "2"), and of each no more than a number, half of them of one person. */
export function choosePairs(
  pairs: LabelledPair[],
  folds: string | undefined,
  limit: string | undefined,
): LabelledPair[] {
  const [first = 1, last = first] = folds?.split('-').map(Number) ?? [1, Number.POSITIVE_INFINITY];
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  if (!(first >= 1 && last >= first && most >= 2))
    throw new Error('--folds is one fold or a range, as 1-4, and --limit a number of at least 2.');
  const taken = new Map<string, number>();
  return pairs.filter(({ fold, same }) => {
    if (fold < first || fold > last) return false;
    const key = `${fold} ${same}`;
    const count = (taken.get(key) ?? 0) + 1;
    taken.set(key, count);
    return count <= most / 2;
  });
}
