/** facenet-web/evaluation: standard measures of verification, clustering and tracking, as pure functions. */
export { type AllPairsValidation, allPairsFalseAcceptRate, allPairsValidation, type PhotoSet } from './all-pairs.ts';
export type { Interval } from './bootstrap.ts';
export { expectedCalibrationError, fitCalibration } from './calibration.ts';
export { bCubedScore, type ClusteringScore, pairwiseScore } from './clustering.ts';
export { type Cohorts, cohortOf, parseCohorts, unmatchedCohorts } from './cohorts.ts';
export {
  type ComparedFaces,
  cohortsOf,
  compareFaces,
  type EvaluatedFace,
  selectFaces,
} from './compared-faces.ts';
export { errorsByQuality, type FailureCase, failureCases, type QualityErrors } from './failure-cases.ts';
export type { GroupPerformance } from './group-performance.ts';
export {
  type IdentificationErrors,
  type IdentificationOptions,
  identificationErrors,
} from './identification-errors.ts';
export type { LabelledFace } from './impostor-pairs.ts';
export {
  type CohortRatio,
  type MeasuredRate,
  type PairSupport,
  ruleOfThree,
  type Support,
  supportOf,
  worstToBest,
} from './measured-rate.ts';
export { type LabelledPair, type Photo, parsePairs, photoPath } from './pairs.ts';
export {
  bestThreshold,
  type FoldMean,
  foldMean,
  overFolds,
  type ProtocolAccuracy,
  type ProtocolValidation,
  thresholdAtFar,
  validationAtFar,
  viewTwoAccuracy,
} from './protocol.ts';
export { type Reliability, type ReliabilityBin, reliability } from './reliability.ts';
export { type PerformanceReport, performanceReport, type ReportOptions } from './report.ts';
export { type ReportPageOptions, reportPage } from './report-page.ts';
export type { CohortRatios, IdentificationRatio } from './report-ratios.ts';
export { areaUnderCurve, equalErrorRate, type RocPoint, rocCurve } from './roc.ts';
export {
  type AcceptCounts,
  accuracy,
  countAccepts,
  type FoldedPair,
  falseAcceptRate,
  type ScoredPair,
  validationRate,
} from './scores.ts';
export {
  type IdentifiedBox,
  type ScoredFrame,
  type TrackingScore,
  type TrackingScoreOptions,
  type TrueBox,
  trackingScore,
} from './tracking-score.ts';
export {
  type DetPoint,
  detCurve,
  type FnmrAtFmr,
  fnmrAtFmr,
  type VerificationErrors,
  verificationErrors,
} from './verification-errors.ts';
