import { seeded } from '../core/random.ts';

/** A confidence interval. */
export interface Interval {
  /** The lower end, in the unit of the figure; NaN if no replicate counts. */
  low: number;
  /** The upper end; NaN if no replicate counts. */
  high: number;
}

/** The share of the replicates that lies outside the interval, half of it on each side. */
const outside = 0.05;

/**
 * The 95 % intervals of figures by the percentile bootstrap over people. A replicate draws as many people as there are,
 * with replacement, so pairs that share a person are not treated as independent. Each set of people is resampled
 * separately. The random numbers are the same in every call. (Efron and Tibshirani, "An Introduction to the Bootstrap",
 * 1993, chapter 13; for pairs, Fogliato, Patil and Perona, "Confidence Intervals for Error Rates in 1:1 Matching Tasks",
 * 2023: resampling of the subjects)
 *
 * @param people the number of people in each set.
 * @param figures computes the figures from the number of times that each person of each set was drawn. A replicate for
 *   which a figure is NaN does not count for it.
 * @param replicates the number of replicates, a positive integer.
 * @returns the interval of each figure; NaN if no replicate counts.
 */
export function bootstrapIntervals(
  people: readonly number[],
  figures: (multiplicities: readonly Float64Array[]) => number[],
  replicates: number,
): Interval[] {
  const random = seeded(1);
  const drawn = Array.from({ length: replicates }, () => figures(people.map((count) => resample(count, random))));
  return (drawn[0] ?? []).map((_, i) => percentileInterval(drawn.map((each) => each[i] as number)));
}

/** Draws `count` times from `count` people. @returns how many times each one was drawn. */
function resample(count: number, random: () => number): Float64Array {
  const multiplicities = new Float64Array(count);
  for (let i = 0; i < count; i++) (multiplicities[Math.floor(random() * count)] as number)++;
  return multiplicities;
}

function percentileInterval(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(outside / 2), high: at(1 - outside / 2) };
}
