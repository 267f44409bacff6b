import type { Interval } from './bootstrap.ts';

/**
 * Whether data supports an error rate, by the rules of ISO/IEC 19795-1 (Annex B):
 *
 * - `supported`: at least 30 errors were observed. By the rule of 30, the true rate is then within 30 % of the measured one
 *   with a confidence of 90 %.
 * - `few-errors`: fewer than 30 errors.
 * - `no-errors`: none. By the rule of 3, the true rate is at most 3/N at a confidence of 95 %: see {@link ruleOfThree}.
 * - `no-trials`: there is nothing to measure.
 *
 * Both rules assume independent trials. Pairs that share a person are not independent, so they are necessary, not
 * sufficient: the interval shows more.
 */
export type Support = 'supported' | 'few-errors' | 'no-errors' | 'no-trials';

/**
 * Whether data supports a calibration error: `supported` with at least 30 genuine and 30 impostor pairs per range of probabilities, on
 * average; `few-pairs` with fewer; `no-pairs` without genuine or without impostor pairs.
 */
export type PairSupport = 'supported' | 'few-pairs' | 'no-pairs';

/** An error rate with its 95 % interval, and whether the data supports it. */
export interface MeasuredRate extends Interval {
  /** The share of the trials with an error, 0 to 1; NaN without trials. */
  rate: number;
  /** The number of errors. */
  errors: number;
  /** The number of trials. */
  trials: number;
  /** Whether the errors and trials are enough for the rate. */
  support: Support;
}

/** The number of errors that the rule of 30 requires. */
const minErrors = 30;

/**
 * Whether a number of errors among a number of trials supports an error rate.
 *
 * @param errors 0 to `trials`.
 * @param trials the number of comparisons.
 *
 * @example
 * console.log(supportOf(4, 3000)); // 'few-errors'
 */
export function supportOf(errors: number, trials: number): Support {
  if (trials === 0) return 'no-trials';
  if (errors === 0) return 'no-errors';
  return errors < minErrors ? 'few-errors' : 'supported';
}

/**
 * The largest error rate, at a confidence of 95 %, if no error was observed: about 3/N. (ISO/IEC 19795-1, rule of 3; exact:
 * 1 − 0.05^(1/N))
 *
 * @param trials N, the number of independent trials.
 * @returns 0 to 1; 1 without trials.
 *
 * @example
 * console.log(ruleOfThree(3000)); // 0.000998
 */
export function ruleOfThree(trials: number): number {
  return trials === 0 ? 1 : -Math.expm1(Math.log(0.05) / trials);
}

/** A rate of counted errors. @param interval its 95 % interval. */
export function measuredRate(errors: number, trials: number, interval: Interval): MeasuredRate {
  return { rate: errors / trials, ...interval, errors, trials, support: supportOf(errors, trials) };
}

/** The ratio of the largest to the smallest rate of some cohorts. */
export interface CohortRatio {
  /** The largest rate divided by the smallest; NaN if fewer than two cohorts have one above zero. */
  ratio: number;
  /** The cohort with the largest rate. */
  worst: string;
  /** The cohort with the smallest rate. */
  best: string;
  /** Whether the rates of all cohorts are `supported`, also of those without trials. Otherwise the ratio can be an effect of chance. */
  supported: boolean;
}

/**
 * The worst-to-best ratio of an error rate over cohorts, a measure of differential performance. (ISO/IEC 19795-10: variation
 * of performance across demographic groups)
 *
 * @param rates the rate of each cohort at one threshold.
 * @returns undefined if fewer than two cohorts have a rate. The others count for `supported`.
 *
 * @example
 * const rates = new Map(
 *   cohortsOf(compared).map((name) => {
 *     const own = selectFaces(compared, ({ cohort }) => cohort === name);
 *     return [name, verificationErrors(own, 0.62).fnmr];
 *   }),
 * );
 * show(worstToBest(rates)?.ratio);
 */
export function worstToBest(
  rates: ReadonlyMap<string, { rate: number; support: Support | PairSupport }>,
): CohortRatio | undefined {
  const measured = [...rates].filter(([, { rate }]) => Number.isFinite(rate)).sort(([, a], [, b]) => b.rate - a.rate);
  const [worst, best] = [measured[0], measured.at(-1)];
  if (measured.length < 2 || !worst || !best) return undefined;
  const ratio = best[1].rate > 0 ? worst[1].rate / best[1].rate : Number.NaN;
  const supported = [...rates.values()].every(({ rate, support }) => Number.isFinite(rate) && support === 'supported');
  return { ratio, worst: worst[0], best: best[0], supported };
}
