/** facenet-web's whole public API. */
export { templates } from './alignment/templates.ts';
export type { CompareOptions, ComparisonRule, LabelledEmbedding, Verdict } from './comparison/compare.ts';
export type { Judgement, RatedFace } from './comparison/conditional.ts';
export { cosineDistance, euclideanDistance } from './comparison/distance.ts';
export { errorCodes, FaceNetError, type FaceNetErrorCode } from './core/errors.ts';
export type {
  QualityAdviceCode,
  QualityComponent,
  QualityComponentName,
  QualityComponents,
} from './core/quality-components.ts';
export type {
  Abortable,
  BackendChoice,
  BackendName,
  Box,
  Calibration,
  ConditionalCalibration,
  ConditionalPoint,
  EmbeddedFace,
  EmbedderIdentity,
  Face,
  ImageSource,
  Keypoints,
  LandmarkedFace,
  LandmarkScheme,
  Landmarks,
  Metric,
  Pixels,
  Point,
  Quality,
  TemplateName,
} from './core/types.ts';
export { type AlignOptions, FaceNet } from './facenet.ts';
export { decodeImage } from './image/decode-image.ts';
export type { ModelFileContent, ModelFolderSource, ModelFolderSources, ReadModelFile } from './models/folders.ts';
export type { Progress } from './models/progress.ts';
export type { DetectorName, EmbedderName, LandmarkerName, PresetName } from './models/shipped-models.ts';
export type { StageTimes } from './pipeline/frame.ts';
export type { DetectOptions, FaceOrder, LoadOptions } from './pipeline/options.ts';
export type { ModelNames } from './pipeline/pipeline.ts';
export type { Execution } from './pipeline/pool.ts';
export { type QualityAdvice, qualityAdvice } from './quality/advice.ts';
export type { Identity } from './video/identity-votes.ts';
export type { TrackEmbedding } from './video/track-embedding.ts';
export type { Identifier, TrackedFace, TrackedFrame, WatchOptions } from './video/watch.ts';
