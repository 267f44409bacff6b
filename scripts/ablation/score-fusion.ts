import { bestThreshold } from '../../lib/evaluation/index.ts';
import { type ComparedPair, hasDistance } from '../kit/lfw/summary.ts';
import { perFold } from './per-fold.ts';

/**
 * Score-level fusion a + w·b of two systems' distances. Each fold has the weight that is most accurate on the other folds.
 * Distances are divided by the threshold of their fold, so that folds with different weights are comparable.
 */
export function fuse(a: readonly ComparedPair[], b: readonly ComparedPair[]): ComparedPair[] {
  const weighted = (w: number) =>
    a.map((pair, i) => {
      const other = b[i]?.distance ?? null;
      return { ...pair, distance: pair.distance === null || other === null ? null : pair.distance + w * other };
    });
  const candidates = Array.from({ length: 21 }, (_, i) => weighted(i * 0.1));
  return perFold(a, (fold) => {
    const rated = candidates.map((pairs) => {
      const others = pairs.filter(hasDistance).filter((pair) => pair.fold !== fold);
      const threshold = bestThreshold(others);
      const correct = others.filter(({ distance, same }) => distance <= threshold === same).length;
      return { pairs, threshold, correct };
    });
    const { pairs, threshold } = rated.reduce((best, next) => (next.correct > best.correct ? next : best));
    return pairs.map((pair) => ({ ...pair, distance: pair.distance === null ? null : pair.distance / threshold }));
  });
}
