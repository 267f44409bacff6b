import type { ComparedPair } from '../kit/lfw/summary.ts';
import { perFold } from './per-fold.ts';

/** The fraction of the identity that is added to the covariance, so that it can be inverted. */
const ridge = 0.1;

/**
 * Within-class covariance normalisation (Hatch et al. 2006): whitens embeddings by the covariance of the differences within
 * a person, fitted to the genuine pairs of the other folds.
 */
export function whiten(
  pairs: readonly ComparedPair[],
  embeddings: ReadonlyMap<string, number[] | undefined>,
): ComparedPair[] {
  const difference = ({ a, b }: ComparedPair) => {
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
