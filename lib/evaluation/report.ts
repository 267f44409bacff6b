import { thresholdFor } from '../comparison/calibration.ts';
import { type ComparisonRule, defaultFar } from '../comparison/compare.ts';
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
import type { GroupPerformance } from './group-performance.ts';
import { identificationErrors } from './identification-errors.ts';
import { calibratedJudge } from './judged-pairs.ts';
import { reliability } from './reliability.ts';
import { type CohortRatios, cohortRatios, type IdentificationRatio, identificationRatios } from './report-ratios.ts';
import { detCurve, fnmrAtFmr, verificationErrors } from './verification-errors.ts';

/** Options of {@link performanceReport}. */
export interface ReportOptions extends Abortable {
  /** The threshold of an identification among a number of enrolled faces: `operatingPoint(n, rule.calibration, {}).threshold`. */
  galleryThreshold: (faces: number) => number;
  /** The false match rates at which FNMR is stated. @default [0.01, 0.001, 0.0001] */
  fmrs?: readonly number[];
  /** The numbers of people in a gallery. @default [10, 100, 500] */
  sizes?: readonly number[];
  /** The false-accept rate that all pairs are judged at, as in `compare`. @default 0.001 */
  far?: number;
  /** The number of bootstrap replicates. @default 1000 */
  replicates?: number;
  /** The maximum number of failures of each kind to list. @default 10 */
  failures?: number;
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
  /** The false-accept rate that pairs are judged at. */
  far: number;
  /** The calibrated threshold for pairs of unknown quality, a distance. Those of known quality have thresholds of their own. */
  threshold: number;
  /** Whether the model's calibration judges pairs by quality, if it is known of both faces. */
  judgesQuality: boolean;
  /** The figures of all faces. */
  all: GroupPerformance;
  /** The figures of each cohort among its own pairs. */
  cohorts: Map<string, GroupPerformance>;
  /** The photos without a cohort, and the number of people in them. They count in the figures of all faces only. */
  withoutCohort: { photos: number; people: number };
  /** The worst-to-best ratios over the cohorts at the report's rate `far`. */
  ratios: CohortRatios;
  /** The worst-to-best ratios of FPIR and FNIR by the size of the gallery, for the sizes that all cohorts reach. */
  identificationRatios: IdentificationRatio[];
  /** FNMR by the quality of the photos; empty without qualities. */
  quality: QualityErrors[];
  /** The clearest errors at the report's rate `far`. */
  failures: FailureCase[];
}

/**
 * Measures verification, open-set identification and the stated probabilities on labelled photos, for all and for each
 * cohort. Pairs are judged as `compare` and `identify` do: by the quality of both faces if it is known and measured by the rule's
 * calibration, and by distance otherwise. The DET curve and FNMR at false match rates are by distance.
 *
 * @param faces the faces, of at least two people, with their quality.
 * @param rule the rule of the model that embedded them, `facenet.rule`.
 * @param options `galleryThreshold` is required; the rates, sizes and limits have defaults.
 * @throws {RangeError} if there is no genuine or no impostor pair.
 * @throws {FaceNetError} `option-invalid` for an unknown option, or a `far` outside the range of the calibration; any error of
 *   `galleryThreshold`; `signal.reason` when aborted.
 *
 * @example
 * const labelled = faces.map(({ embedding, quality }, i) => ({ person: people[i], embedding, quality }));
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
    far = defaultFar,
    signal,
    failures = 10,
  } = checkedOptions<ReportOptions>(options, {
    ...{ galleryThreshold: true, fmrs: true, sizes: true, far: true, replicates: true, failures: true },
  });
  const compared = compareFaces(faces, distances[rule.metric], rule.calibration);
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
    judgesQuality: rule.calibration.conditional !== undefined,
    all,
    cohorts,
    withoutCohort: photosOf(selectFaces(compared, ({ cohort }) => cohort === undefined)),
    ratios: cohortRatios(cohorts),
    identificationRatios: identificationRatios(cohorts),
    quality: errorsByQuality(compared, threshold),
    failures: failureCases(compared, threshold, failures),
  };
}

function photosOf({ faces, people }: ComparedFaces): PerformanceReport['withoutCohort'] {
  return { photos: faces.length, people };
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
  const judge = calibratedJudge(compared.faces, calibration, threshold);
  return {
    det,
    fnmrAtFmr: fnmr,
    verification,
    identification: identificationErrors(compared, { sizes, thresholdFor: galleryThreshold }),
    reliability: reliability(compared, (distance, a, b) => judge(a, b, distance).probability),
  };
}
