import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabelledPair, parsePairs, photoPath } from '../../../lib/evaluation/index.ts';

/** Reads pairs.txt of a folder in LFW's layout. @throws {Error} if there is none. */
export function readPairs(data: string): LabelledPair[] {
  const file = join(data, 'pairs.txt');
  if (!existsSync(file)) throw new Error(`${file} is missing. --data is a folder with pairs.txt and images/.`);
  return parsePairs(readFileSync(file, 'utf8'));
}

/**
 * Selects the pairs of some folds.
 *
 * @param folds one fold ("2") or a range ("1-4"); default: all.
 * @param limit the maximum number of pairs of a fold, half of them genuine; default: all.
 * @throws {Error} for other values.
 */
export function choosePairs<Pair extends { fold: number; same: boolean }>(
  pairs: readonly Pair[],
  folds: string | undefined,
  limit: string | undefined,
): Pair[] {
  const [first = 1, last = first] = folds?.split('-').map(Number) ?? [1, Number.POSITIVE_INFINITY];
  const max = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  if (!(first >= 1 && last >= first && max >= 2))
    throw new Error('--folds is one fold ("2") or a range ("1-4"), and --limit a number of at least 2.');
  const counts = new Map<string, number>();
  return pairs.filter(({ fold, same }) => {
    if (fold < first || fold > last) return false;
    const key = `${fold} ${same}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= max / 2;
  });
}

/** The paths of the photos of some pairs, each once, relative to images/. */
export function photoPathsOf(pairs: readonly LabelledPair[]): string[] {
  return [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
}

/** @throws {Error} if a photo is missing in images/. */
export function requirePhotos(data: string, paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(join(data, 'images', path)));
  if (missing.length > 0) throw new Error(`${missing.length} photos are missing, for example images/${missing[0]}.`);
}
