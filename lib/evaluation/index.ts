/** facenet-web/evaluation: standard measures of verification, clustering and tracking, as pure functions. */
export { type AllPairsValidation, allPairsFalseAcceptRate, allPairsValidation, type PhotoSet } from './all-pairs.ts';
export type { Interval } from './bootstrap.ts';
export { expectedCalibrationError, fitCalibration } from './calibration.ts';
export { bCubedScore, type ClusteringScore, pairwiseScore } from './clustering.ts';
export type { LabelledFace } from './impostor-pairs.ts';
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
