import type { ComparedPair } from '../kit/lfw/summary.ts';

/** Computes the distances of each fold separately. @param compare the distances of all pairs as fitted to the other folds. */
export function perFold(
  pairs: readonly ComparedPair[],
  compare: (fold: number) => readonly ComparedPair[],
): ComparedPair[] {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const compared = new Map(folds.map((fold) => [fold, compare(fold)]));
  return pairs.map((pair, i) => compared.get(pair.fold)?.[i] as ComparedPair);
}
