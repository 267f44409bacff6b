import { logistic } from '../core/math.ts';
import { type ComparedFaces, forEachImpostor, genuinePairs } from './compared-faces.ts';
import type { PairSupport } from './measured-rate.ts';

/** The pairs of one range of stated probabilities. */
export interface ReliabilityBin {
  /** The mean probability stated for them, 0 to 1. */
  stated: number;
  /** The share of genuine pairs among them at even prior, 0 to 1. */
  observed: number;
  /** The lower end of the 95 % interval of that share, if the pairs are independent; NaN without genuine or impostor pairs. */
  low: number;
  /** The upper end of that interval. */
  high: number;
  /** The number of genuine pairs. */
  genuine: number;
  /** The number of impostor pairs. */
  impostors: number;
}

/** How well stated probabilities agree with what was observed. */
export interface Reliability {
  /** The ranges with pairs, by ascending probability. */
  bins: ReliabilityBin[];
  /** The expected calibration error: the mean difference of both, weighted by the pairs. 0 to 1; NaN without genuine or impostor pairs. */
  error: number;
  /** The number of genuine pairs. */
  genuine: number;
  /** The number of impostor pairs. */
  impostors: number;
  /** Whether there are enough pairs for the error. */
  support: PairSupport;
}

/** The number of pairs of each kind per range, on average, that supports the calibration error: that of the rule of 30. */
const minPairsPerBin = 30;

/**
 * A reliability diagram: pairs are grouped by the stated probability into ranges of equal width. Probabilities are stated at
 * even prior, so genuine and impostor pairs have equal total weight. (Guo et al., "On Calibration of Modern Neural
 * Networks", ICML 2017)
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param probabilityOf the stated probability that both faces of a pair are of one person, 0 to 1, by their distance and their positions
 *   in `compared.faces`.
 * @param count the number of ranges. Default: 10.
 *
 * @example
 * const [intercept, slope] = facenet.rule.calibration.logOdds;
 * const { bins, error } = reliability(compared, (distance) => 1 / (1 + Math.exp(-intercept - slope * distance)));
 * show(bins, error);
 */
export function reliability(
  compared: ComparedFaces,
  probabilityOf: (distance: number, a: number, b: number) => number,
  count = 10,
): Reliability {
  const bins = Array.from({ length: count }, () => ({ genuine: 0, impostors: 0, sums: [0, 0] as [number, number] }));
  const add = (kind: 'genuine' | 'impostors', probability: number) => {
    const bin = bins[Math.min(count - 1, Math.floor(probability * count))] as (typeof bins)[number];
    bin[kind]++;
    bin.sums[kind === 'genuine' ? 0 : 1] += probability;
  };
  for (const { a, b, distance } of genuinePairs(compared)) add('genuine', probabilityOf(distance, a, b));
  forEachImpostor(compared, (distance, a, b) => add('impostors', probabilityOf(distance, a, b)));
  const total = (kind: 'genuine' | 'impostors') => bins.reduce((sum, bin) => sum + bin[kind], 0);
  const [genuineTotal, impostorTotal] = [total('genuine'), total('impostors')];
  const [same, different] = [0.5 / genuineTotal, 0.5 / impostorTotal];
  const weighted = bins
    .filter(({ genuine, impostors }) => genuine + impostors > 0)
    .map(({ genuine, impostors, sums }) => {
      const weight = genuine * same + impostors * different;
      const stated = (sums[0] * same + sums[1] * different) / weight;
      const observed = (genuine * same) / weight;
      return { weight, bin: { stated, observed, ...shareInterval(observed, genuine, impostors), genuine, impostors } };
    });
  const error = weighted.reduce((sum, { weight, bin }) => sum + weight * Math.abs(bin.stated - bin.observed), 0);
  const fewer = Math.min(genuineTotal, impostorTotal);
  return {
    bins: weighted.map(({ bin }) => bin),
    error: fewer === 0 ? Number.NaN : error,
    genuine: genuineTotal,
    impostors: impostorTotal,
    support: fewer === 0 ? 'no-pairs' : fewer < minPairsPerBin * count ? 'few-pairs' : 'supported',
  };
}

/** The interval of a share of two Poisson counts, symmetric in its log-odds. */
function shareInterval(share: number, genuine: number, impostors: number): { low: number; high: number } {
  if (genuine === 0 || impostors === 0) return { low: Number.NaN, high: Number.NaN };
  const logOdds = Math.log(share / (1 - share));
  const margin = 1.96 * Math.sqrt(1 / genuine + 1 / impostors);
  return { low: logistic(logOdds - margin), high: logistic(logOdds + margin) };
}
