import type { GroupPerformance } from './group-performance.ts';
import { type CohortRatio, type PairSupport, type Support, worstToBest } from './measured-rate.ts';

/** The worst-to-best ratios of the figures of a report; undefined with fewer than two cohorts. */
export interface CohortRatios {
  /** Of the false match rates. */
  fmr: CohortRatio | undefined;
  /** Of the false non-match rates. */
  fnmr: CohortRatio | undefined;
  /** Of the shares of refused pairs. */
  refused: Record<'genuine' | 'impostors', CohortRatio | undefined>;
  /** Of the calibration errors. */
  calibration: CohortRatio | undefined;
}

/** The worst-to-best ratios of identification in galleries of one size. */
export interface IdentificationRatio {
  /** The number of enrolled people. */
  size: number;
  /** Of the false-positive identification rates; undefined if a cohort has none. */
  fpir: CohortRatio | undefined;
  /** Of the false-negative identification rates; undefined if a cohort has none. */
  fnir: CohortRatio | undefined;
}

type Cohorts = ReadonlyMap<string, GroupPerformance>;

/** The ratios of all figures but those of identification. */
export function cohortRatios(cohorts: Cohorts): CohortRatios {
  return {
    fmr: ratioOf(cohorts, ({ verification }) => verification.fmr),
    fnmr: ratioOf(cohorts, ({ verification }) => verification.fnmr),
    refused: {
      genuine: ratioOf(cohorts, ({ verification }) => verification.refused.genuine),
      impostors: ratioOf(cohorts, ({ verification }) => verification.refused.impostors),
    },
    calibration: ratioOf(cohorts, ({ reliability: { error, support } }) => ({ rate: error, support })),
  };
}

/** The ratios of identification, by the size of the gallery. */
export function identificationRatios(cohorts: Cohorts): IdentificationRatio[] {
  const sizes = new Set([...cohorts.values()].flatMap(({ identification }) => identification.map(({ size }) => size)));
  const at = (size: number, kind: 'fpir' | 'fnir') =>
    ratioOf(cohorts, ({ identification }) => identification.find((each) => each.size === size)?.[kind]);
  return [...sizes].map((size) => ({ size, fpir: at(size, 'fpir'), fnir: at(size, 'fnir') }));
}

function ratioOf(
  cohorts: Cohorts,
  rateOf: (group: GroupPerformance) => { rate: number; support: Support | PairSupport } | undefined,
): CohortRatio | undefined {
  const rates = [...cohorts].flatMap(([name, group]) => {
    const rate = rateOf(group);
    return rate ? [[name, rate] as const] : [];
  });
  return rates.length === cohorts.size ? worstToBest(new Map(rates)) : undefined;
}
