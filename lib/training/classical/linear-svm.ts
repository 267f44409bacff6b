import { seeded, shuffled } from '../../core/random.ts';

/** A vector, and whether it is of the class that is looked for. */
export interface Example {
  values: Float32Array;
  positive: boolean;
}

/** How a linear support vector machine is trained. */
export interface SvmOptions {
  /** What a margin that is missed costs. Less gives a wider margin that more examples miss. Default: 0.1. */
  cost?: number;
  /** The most passes over all examples. Default: 60. */
  passes?: number;
}

/** The separating plane: positive where `weights`·x + `bias` > 0. */
export interface Plane {
  weights: Float32Array;
  bias: number;
}

/** When no example wants to move further than this, the plane has been found. */
const tolerance = 1e-3;

/**
 * A linear support vector machine with the hinge loss, by dual coordinate descent (Hsieh et al., "A dual coordinate descent
 * method for large-scale linear SVM", ICML 2008, algorithm 1; LIBLINEAR's L1-loss solver). Both classes weigh the same in all,
 * however many examples each has. The same examples give the same plane.
 */
export function trainLinearSvm(examples: readonly Example[], { cost = 0.1, passes = 60 }: SvmOptions = {}): Plane {
  const length = examples[0]?.values.length ?? 0;
  const weights = new Float32Array(length);
  let bias = 0;
  const count = { true: 0, false: 0 };
  for (const { positive } of examples) count[`${positive}`]++;
  const alphas = new Float64Array(examples.length);
  // The bias is the weight of a constant 1 in every example.
  const squares = examples.map(({ values }) => values.reduce((sum, value) => sum + value * value, 1));
  const indices = examples.map((_, i) => i);
  const random = seeded(1);
  for (let pass = 0; pass < passes; pass++) {
    let furthest = 0;
    for (const i of shuffled(indices, random)) {
      const { values, positive } = examples[i] as Example;
      const sign = positive ? 1 : -1;
      const most = (cost * examples.length) / (2 * count[`${positive}`]);
      let product = bias;
      for (let j = 0; j < length; j++) product += (weights[j] as number) * (values[j] as number);
      const gradient = sign * product - 1;
      const alpha = alphas[i] as number;
      const moved = Math.min(Math.max(alpha - gradient / (squares[i] as number), 0), most);
      const step = (moved - alpha) * sign;
      if (step === 0) continue;
      furthest = Math.max(furthest, Math.abs(step));
      alphas[i] = moved;
      bias += step;
      for (let j = 0; j < length; j++) weights[j] = (weights[j] as number) + step * (values[j] as number);
    }
    if (furthest < tolerance) break;
  }
  return { weights, bias };
}
