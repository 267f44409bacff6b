import { probabilityAt, thresholdFor } from '../comparison/calibration.ts';
import type { ComparisonRule } from '../comparison/compare.ts';
import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import type { Abortable } from '../core/types.ts';
import {
  type ComparedFaces,
  cohortsOf,
  compareFaces,
  type EvaluatedFace,
  genuinePairs,
  selectFaces,
} from './compared-faces.ts';
import { errorsByQuality, type FailureCase, failureCases, type QualityErrors } from './failure-cases.ts';
import { type IdentificationErrors, identificationErrors } from './identification-errors.ts';
import { type CohortRatio, worstToBest } from './measured-rate.ts';
import { type Reliability, reliability } from './reliability.ts';
import {
  type DetPoint,
  detCurve,
  type FnmrAtFmr,
  fnmrAtFmr,
  type VerificationErrors,
  verificationErrors,
} from './verification-errors.ts';

/** Options of {@link performanceReport}. */
export interface ReportOptions extends Abortable {
  /** The threshold of an identification among a number of enrolled faces: `operatingPoint(n, rule.calibration, {}).threshold`. */
  galleryThreshold: (faces: number) => number;
  /** The false match rates at which FNMR is stated. @default [0.01, 0.001, 0.0001] */
  fmrs?: readonly number[];
  /** The numbers of people in a gallery. @default [10, 100, 500] */
  sizes?: readonly number[];
  /** The false-accept rate whose calibrated threshold all cohorts are measured at, as in `compare`. @default 0.001 */
  far?: number;
  /** The number of bootstrap replicates. @default 1000 */
  replicates?: number;
  /** The maximum number of failures of each kind to list. @default 10 */
  failures?: number;
}

/** The figures of all faces, or of those of one cohort. */
export interface GroupPerformance {
  /** The detection error trade-off curve. */
  det: DetPoint[];
  /** FNMR at each of the false match rates `fmrs`. */
  fnmrAtFmr: FnmrAtFmr[];
  /** FMR and FNMR at the report's threshold. */
  verification: VerificationErrors;
  /** FNIR and FPIR for each of the gallery sizes `sizes` that there are enough people for. */
  identification: IdentificationErrors[];
  /** How well the stated probabilities agree with the observed ones. */
  reliability: Reliability;
}

/** The performance of a model on labelled photos. */
export interface PerformanceReport {
  /** The name of the model. */
  model: string;
  /** The number of people. */
  people: number;
  /** The number of photos, with one face each. */
  photos: number;
  /** The number of people with at least two photos. */
  peopleWithPairs: number;
  /** The number of genuine pairs. */
  genuine: number;
  /** The number of impostor pairs. */
  impostors: number;
  /** The false-accept rate that the threshold is calibrated for. */
  far: number;
  /** The calibrated threshold, a distance. */
  threshold: number;
  /** The figures of all faces. */
  all: GroupPerformance;
  /** The figures of each cohort among its own pairs. */
  cohorts: Map<string, GroupPerformance>;
  /** The worst-to-best ratios over the cohorts at the report's threshold; undefined with fewer than two cohorts. */
  ratios: Record<'fmr' | 'fnmr', CohortRatio | undefined>;
  /** The worst-to-best ratios of FPIR and FNIR by the size of the gallery, for the sizes that all cohorts reach. */
  identificationRatios: { size: number; fpir: CohortRatio | undefined; fnir: CohortRatio | undefined }[];
  /** FNMR by the quality of the photos; empty without qualities. */
  quality: QualityErrors[];
  /** The clearest errors at the report's threshold. */
  failures: FailureCase[];
}

/**
 * Measures verification, open-set identification and the stated probabilities on labelled photos, for all and for each
 * cohort. Distances alone decide: thresholds that follow the quality of the photos are not applied.
 *
 * @param faces the faces, of at least two people.
 * @param rule the rule of the model that embedded them, `facenet.rule`.
 * @param options `galleryThreshold` is required; the rates, sizes and limits have defaults.
 * @throws {RangeError} if there is no genuine or no impostor pair.
 * @throws {FaceNetError} `option-invalid` for an unknown option, or a `far` outside the range of the calibration; any error of
 *   `galleryThreshold`; `signal.reason` when aborted.
 *
 * @example
 * const labelled = faces.map(({ embedding }, i) => ({ person: people[i], embedding }));
 * const galleryThreshold = (count: number) => operatingPoint(count, facenet.rule.calibration, {}).threshold;
 * const report = await performanceReport(labelled, facenet.rule, { galleryThreshold });
 * const page = new Blob([reportPage(report, { title: 'Staff photos' })], { type: 'text/html' });
 */
export async function performanceReport(
  faces: readonly EvaluatedFace[],
  rule: ComparisonRule,
  options: ReportOptions,
): Promise<PerformanceReport> {
  const {
    far = 1e-3,
    signal,
    failures = 10,
  } = checkedOptions<ReportOptions>(options, {
    ...{ galleryThreshold: true, fmrs: true, sizes: true, far: true, replicates: true, failures: true },
  });
  const compared = compareFaces(faces, distances[rule.metric]);
  const genuine = genuinePairs(compared);
  if (genuine.length === 0 || compared.people < 2) {
    throw new RangeError('There are no pairs to measure: use photos of at least two people, two of one of them.');
  }
  const threshold = thresholdFor(far, rule.calibration);
  const all = await measureGroup(compared, rule, threshold, options);
  const cohorts = new Map<string, GroupPerformance>();
  for (const name of cohortsOf(compared)) {
    const own = selectFaces(compared, ({ cohort }) => cohort === name);
    cohorts.set(name, await measureGroup(own, rule, threshold, options));
  }
  signal?.throwIfAborted();
  return {
    model: rule.model,
    people: compared.people,
    photos: faces.length,
    peopleWithPairs: new Set(genuine.map(({ a }) => compared.personOf[a])).size,
    genuine: genuine.length,
    impostors: all.verification.fmr.trials,
    far,
    threshold,
    all,
    cohorts,
    ratios: {
      fmr: ratioOf(cohorts, ({ verification }) => verification.fmr),
      fnmr: ratioOf(cohorts, ({ verification }) => verification.fnmr),
    },
    identificationRatios: identificationRatios(cohorts),
    quality: errorsByQuality(compared, threshold),
    failures: failureCases(compared, threshold, failures),
  };
}

async function measureGroup(
  compared: ComparedFaces,
  { calibration }: ComparisonRule,
  threshold: number,
  { fmrs = [1e-2, 1e-3, 1e-4], sizes = [10, 100, 500], galleryThreshold, replicates, signal }: ReportOptions,
): Promise<GroupPerformance> {
  await yieldToEventLoop(signal);
  const det = detCurve(compared);
  await yieldToEventLoop(signal);
  const fnmr = fnmrAtFmr(compared, fmrs, replicates);
  await yieldToEventLoop(signal);
  const verification = verificationErrors(compared, threshold, replicates);
  await yieldToEventLoop(signal);
  return {
    det,
    fnmrAtFmr: fnmr,
    verification,
    identification: identificationErrors(compared, { sizes, thresholdFor: galleryThreshold }),
    reliability: reliability(compared, (distance) => probabilityAt(distance, calibration)),
  };
}

function ratioOf(
  cohorts: ReadonlyMap<string, GroupPerformance>,
  rateOf: (group: GroupPerformance) => VerificationErrors['fmr'] | undefined,
): CohortRatio | undefined {
  const rates = [...cohorts].flatMap(([name, group]) => {
    const rate = rateOf(group);
    return rate ? [[name, rate] as const] : [];
  });
  return rates.length === cohorts.size ? worstToBest(new Map(rates)) : undefined;
}

function identificationRatios(
  cohorts: ReadonlyMap<string, GroupPerformance>,
): PerformanceReport['identificationRatios'] {
  const sizes = new Set([...cohorts.values()].flatMap(({ identification }) => identification.map(({ size }) => size)));
  const at = (size: number, kind: 'fpir' | 'fnir') =>
    ratioOf(cohorts, ({ identification }) => identification.find((each) => each.size === size)?.[kind]);
  return [...sizes].map((size) => ({ size, fpir: at(size, 'fpir'), fnir: at(size, 'fnir') }));
}
