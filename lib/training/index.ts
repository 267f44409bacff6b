/** facenet-web/training: training heads, networks and detectors in the browser. */
export type { HogSvmModel } from '../detection/classical/hog-svm.ts';
export { type Example, type Plane, type SvmOptions, trainLinearSvm } from './classical/linear-svm.ts';
export { type HogSvmOptions, type TrainingPicture, trainHogSvm } from './classical/train-hog-svm.ts';
export { Head } from './head/head.ts';
export type { BaseFaceNet, HeadedFaceNet } from './head/headed-facenet.ts';
export { trainHead } from './head/train-head.ts';
export type {
  ExampleSource,
  HeadEpoch,
  HeadExample,
  HeadLoss,
  HeadOptions,
  HeadReport,
  HeadValidation,
} from './head/types.ts';
export { architectures } from './networks/architectures/architectures.ts';
export { type Inception, inception } from './networks/architectures/inception-module.ts';
export type {
  Activation,
  Architecture,
  AveragePooling,
  Block,
  Convolution,
  Dropout,
  Flattening,
  FullyConnected,
  Layer,
  Normalisation,
  Offset,
  Pooling,
  Residual,
  ResponseNormalisation,
  Shape,
  SimpleLayer,
} from './networks/description.ts';
export { figuresOf, type LayerFigures, type NetworkFigures } from './networks/figures.ts';
export type { Run } from './networks/forward.ts';
export { type NetworkOptions, type NetworkStep, type TrainingSet, trainNetwork } from './networks/train-network.ts';
export { type BuildOptions, buildNetwork, type TrainableNetwork } from './networks/trainable-network.ts';
export { loadWeights } from './networks/weights.ts';
export {
  type StartedTensorFlow,
  type StartOptions,
  startTensorFlow,
  type TensorFlowCore,
} from './tensorflow/start-tensorflow.ts';
export { type BatchOptions, identityBatches } from './triplets/identity-batches.ts';
export {
  type CosineLossOptions,
  contrastiveLoss,
  type LabelledRows,
  largeMarginCosineLoss,
  tripletLoss,
} from './triplets/losses.ts';
export {
  type EmbedAll,
  type OfflineOptions,
  OfflineSelection,
  type SelectionOptions,
  selectTriplets,
} from './triplets/selection.ts';
export { countTriplets, type PersonLabel, type Triplet, type TripletCounts } from './triplets/triplets.ts';
