import { bestThreshold, type FoldedPair } from '../../lib/evaluation/index.ts';
import type { JudgedPair } from '../kit/lfw/summary.ts';

const isSeen = (pair: JudgedPair): pair is JudgedPair & FoldedPair => pair.distance !== null;

/**
 * Score-level fusion: a + w·b, in each fold with the weight that judges most pairs of the other folds rightly, in units of their
 * threshold, so that folds with different weights can be judged together.
 */
export function fuse(a: readonly JudgedPair[], b: readonly JudgedPair[]): JudgedPair[] {
  const weighted = (w: number) =>
    a.map((pair, i) => {
      const other = b[i]?.distance ?? null;
      return { ...pair, distance: pair.distance === null || other === null ? null : pair.distance + w * other };
    });
  const candidates = Array.from({ length: 21 }, (_, i) => weighted(i * 0.1));
  return perFold(a, (fold) => {
    const judged = candidates.map((pairs) => {
      const others = pairs.filter(isSeen).filter((pair) => pair.fold !== fold);
      const threshold = bestThreshold(others);
      const right = others.filter(({ distance, same }) => distance <= threshold === same).length;
      return { pairs, threshold, right };
    });
    const { pairs, threshold } = judged.reduce((best, next) => (next.right > best.right ? next : best));
    return pairs.map((pair) => ({ ...pair, distance: pair.distance === null ? null : pair.distance / threshold }));
  });
}

/** How much of the identity is mixed into the covariance, so that it can be inverted. */
const ridge = 0.1;

/**
 * Within-class covariance normalisation (Hatch et al. 2006): embeddings whitened by how those of one person differ, fitted to
 * the pairs of one person in the other folds.
 */
export function whiten(
  pairs: readonly JudgedPair[],
  embeddings: ReadonlyMap<string, number[] | undefined>,
): JudgedPair[] {
  const difference = ({ a, b }: JudgedPair) => {
    const [x, y] = [embeddings.get(a), embeddings.get(b)];
    return x && y ? x.map((value, i) => value - (y[i] as number)) : undefined;
  };
  return perFold(pairs, (fold) => {
    const within = pairs
      .filter((pair) => pair.fold !== fold && pair.same)
      .flatMap((pair) => {
        const d = difference(pair);
        return d ? [d] : [];
      });
    const factor = cholesky(covariance(within));
    return pairs.map((pair) => {
      const d = difference(pair);
      return { ...pair, distance: d ? Math.hypot(...solveLower(factor, d)) : null };
    });
  });
}

/** Each fold's pairs out of the list that is made for it. */
function perFold(pairs: readonly JudgedPair[], make: (fold: number) => JudgedPair[]): JudgedPair[] {
  const made = new Map([...new Set(pairs.map(({ fold }) => fold))].map((fold) => [fold, make(fold)]));
  return pairs.map((pair, i) => made.get(pair.fold)?.[i] as JudgedPair);
}

function covariance(vectors: readonly number[][]): number[][] {
  const size = vectors[0]?.length ?? 0;
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const vector of vectors) {
    vector.forEach((x, i) => {
      const row = matrix[i] as number[];
      vector.forEach((y, j) => {
        row[j] = (row[j] as number) + (x * y) / vectors.length;
      });
    });
  }
  const mean = matrix.reduce((sum, row, i) => sum + (row[i] as number), 0) / size;
  matrix.forEach((row, i) => {
    row[i] = (row[i] as number) + ridge * mean;
  });
  return matrix;
}

/** The lower triangular L with L·Lᵀ = matrix. */
function cholesky(matrix: readonly number[][]): number[][] {
  const lower: number[][] = [];
  matrix.forEach((row, i) => {
    const current: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j === i ? current : (lower[j] as number[]);
      let sum = row[j] as number;
      for (let k = 0; k < j; k++) sum -= (current[k] as number) * (other[k] as number);
      current.push(i === j ? Math.sqrt(sum) : sum / (other[j] as number));
    }
    lower.push(current);
  });
  return lower;
}

/** The x with L·x = b. */
function solveLower(lower: readonly number[][], b: readonly number[]): number[] {
  const x: number[] = [];
  lower.forEach((row, i) => {
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (row[k] as number) * (x[k] as number);
    x.push(sum / (row[i] as number));
  });
  return x;
}
