import { checkedNames } from '../../core/checked-options.ts';
import { seeded, shuffled } from '../../core/random.ts';

/** A labelled feature vector. */
export interface Example {
  /** The features. */
  values: Float32Array;
  /** Whether the example belongs to the positive class. */
  positive: boolean;
}

/** Options of {@link trainLinearSvm}. */
export interface SvmOptions {
  /** The cost of a margin violation. A lower cost gives a wider margin with more violations. @default 0.1 */
  cost?: number;
  /** The maximum number of passes over all examples. @default 60 */
  passes?: number;
}

/** A separating hyperplane: positive where `weights`·x + `bias` > 0. */
export interface Plane {
  /** The normal vector, as long as the feature vectors. */
  weights: Float32Array;
  /** The intercept. */
  bias: number;
}

/** Training has converged when no dual variable changes by more than this in a pass. */
const tolerance = 1e-3;

/**
 * Trains a linear support vector machine with the hinge loss, by dual coordinate descent (Hsieh et al., "A dual coordinate descent
 * method for large-scale linear SVM", ICML 2008, algorithm 1; the L1-loss solver of LIBLINEAR). Both classes have the same total
 * weight, whatever their sizes. Deterministic.
 *
 * @param examples feature vectors of one length, of both classes.
 * @param options the cost of margin violations, and the maximum number of passes.
 * @throws {FaceNetError} `option-invalid` for an unknown option.
 *
 * @example
 * const { weights, bias } = trainLinearSvm([
 *   { values: Float32Array.of(1, 1), positive: true },
 *   { values: Float32Array.of(-1, 0), positive: false },
 * ]);
 * show(weights[0] * 2 + weights[1] * 3 + bias > 0); // true: (2, 3) is on the positive side
 */
export function trainLinearSvm(examples: readonly Example[], options: SvmOptions = {}): Plane {
  const { cost = 0.1, passes = 60 } = checkedNames(options, { cost: true, passes: true });
  const length = examples[0]?.values.length ?? 0;
  const weights = new Float32Array(length);
  let bias = 0;
  const count = { true: 0, false: 0 };
  for (const { positive } of examples) count[`${positive}`]++;
  const alphas = new Float64Array(examples.length);
  // The bias is the weight of a constant feature of 1.
  const squares = examples.map(({ values }) => values.reduce((sum, value) => sum + value * value, 1));
  const indices = examples.map((_, i) => i);
  const random = seeded(1);
  for (let pass = 0; pass < passes; pass++) {
    let maxStep = 0;
    for (const i of shuffled(indices, random)) {
      const { values, positive } = examples[i] as Example;
      const sign = positive ? 1 : -1;
      const maxAlpha = (cost * examples.length) / (2 * count[`${positive}`]);
      let product = bias;
      for (let j = 0; j < length; j++) product += (weights[j] as number) * (values[j] as number);
      const gradient = sign * product - 1;
      const alpha = alphas[i] as number;
      const updated = Math.min(Math.max(alpha - gradient / (squares[i] as number), 0), maxAlpha);
      const step = (updated - alpha) * sign;
      if (step === 0) continue;
      maxStep = Math.max(maxStep, Math.abs(step));
      alphas[i] = updated;
      bias += step;
      for (let j = 0; j < length; j++) weights[j] = (weights[j] as number) + step * (values[j] as number);
    }
    if (maxStep < tolerance) break;
  }
  return { weights, bias };
}
