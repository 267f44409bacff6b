import type { Calibration, LandmarkScheme, Metric, TemplateName } from '../core/types.ts';
import type { DetectionHead } from './detection-heads.ts';

export type {
  AnchorGrid,
  AnchorHead,
  BlazeFaceGrids,
  BoxEncoding,
  BoxRule,
  DetectionHead,
  MmodHead,
  PriorGrid,
  PriorHead,
  Suppression,
} from './detection-heads.ts';

/** A file of a model or an engine. */
export interface ModelFile {
  /** The path relative to the manifest. */
  path: string;
  /** The size in bytes. */
  bytes: number;
  /** The SHA-256 of the whole file, in lower-case hexadecimal. */
  sha256: string;
}

/** The origin of a file. */
export interface ModelSource {
  /** The npm package. */
  package: string;
  version: string;
  /** The files inside the package. */
  files: string[];
  /** How the prepare step converted them. */
  conversion: string;
}

/** The preprocessing of a network's input image. */
export interface Preprocessing {
  /** The size of the input, in pixels. */
  width: number;
  height: number;
  /** The order of the three colour channels. */
  channels: 'rgb' | 'bgr';
  /** Subtracted from each channel (0 to 255), in the order of `channels`. */
  mean: [number, number, number];
  /** The divisor of each channel, after the subtraction. */
  std: [number, number, number];
}

/** The part of a descriptor that every network has. */
interface Descriptor {
  name: string;
  /** The graph's JSON, then its weights; for MediaPipe the .tflite file. */
  files: ModelFile[];
  input: { name: string; shape: number[] };
  outputs: { name: string; shape: number[] }[];
  preprocessing: Preprocessing;
  /** The SPDX licence identifier, or a sentence if no identifier exists. */
  licence: string;
  trainingData: string;
  source: ModelSource;
  /**
   * The expected outputs for {@link selfCheckPixels}: for each output every `stride`th value, starting with the first,
   * and the maximum absolute error of a backend. Graph models only.
   */
  selfCheck?: { values: number[]; stride: number; tolerance: number }[];
}

/** A face detector. */
export interface DetectionDescriptor extends Descriptor {
  task: 'detection';
  /** `tfjs`: a TensorFlow.js graph model, which any backend runs. `mediapipe`: MediaPipe tasks-vision runs it. */
  engine: 'tfjs' | 'mediapipe';
  head: DetectionHead;
  /** The name of the detector to use where MediaPipe does not start. */
  fallback?: string;
  /**
   * The name of the refiner: the graph-model detector that runs again on a crop of each detection. It may be this
   * detector. A network with a small input needs one; a network that searches a large input at every scale does not.
   */
  closeUp?: string;
}

/** A network that scores and corrects crops of candidates: a later stage of a detector. */
export interface CandidateDescriptor extends Descriptor {
  task: 'candidates';
  engine: 'tfjs';
}

/**
 * A landmark network. Its first output contains the points, an optional second one the probability that the crop shows
 * a face.
 */
export interface LandmarksDescriptor extends Descriptor {
  task: 'landmarks';
  engine: 'tfjs';
  scheme: LandmarkScheme;
  /** Values per point in the output. The first two are x and y. */
  valuesPerPoint: number;
  /** The unit of the coordinates: the side of the crop, a pixel of it, or half its side, counted from its centre. */
  unit: 'crop' | 'pixel' | 'centred';
  /**
   * The input crop: a square at the centre of the detection's box, upright along the line of the eyes. Its side is
   * `scale` times the box's longer side; it is moved down the face by `shift` times that side.
   */
  crop: { scale: number; shift: number };
}

/** A network that computes embeddings. */
export interface EmbeddingDescriptor extends Descriptor {
  task: 'embedding';
  engine: 'tfjs';
  /** The length of an embedding. */
  dimension: number;
  metric: Metric;
  /** The alignment template that it was trained on. */
  template: TemplateName;
  /** The crops that are averaged, if they are not to be those of the preset. */
  crops?: Pick<Preset, 'zooms' | 'mirrored'>;
  /** The zoom of its crops: 1, the default, keeps the template's margin; 1.1 covers a tenth more in each direction. */
  zoom?: number;
  /** The calibration for presets other than its own. */
  calibration?: Calibration;
}

/**
 * An embedder that joins other embedders. Its embedding is the concatenation of their embeddings, each scaled by the
 * square root of its weight, so that the cosine of two embeddings is the weighted sum of the cosines of the parts.
 */
export interface FusionDescriptor {
  /** The name of the embedder. */
  name: string;
  /** The names of the embedders, and their weights. The weights add up to 1. The first one's crops are the fusion's. */
  parts: { embedder: string; weight: number }[];
  /** The calibration for presets other than its own. */
  calibration?: Calibration;
}

/** A network that distinguishes a live face from a picture of a face in front of the camera. */
export interface LivenessDescriptor extends Descriptor {
  task: 'liveness';
  engine: 'tfjs';
  /** The input crop: an upright square at the centre of the face's box, with `scale` times the box's longer side. */
  crop: { scale: number };
  /** The index of the output value that is the liveness score, 0 to 1. */
  score: number;
}

/** The descriptor of any network, discriminated by `task`. */
export type ModelDescriptor =
  | DetectionDescriptor
  | CandidateDescriptor
  | LandmarksDescriptor
  | EmbeddingDescriptor
  | LivenessDescriptor;

/** A detector or landmarker that is no network. It has one file. */
interface ClassicalModel {
  name: string;
  files: [ModelFile];
  licence: string;
  trainingData: string;
  source: ModelSource;
}

/** A detector that is no network: dlib's histograms of oriented gradients, or a cascade of OpenCV. */
export interface ClassicalDetectorDescriptor extends ClassicalModel {
  kind: 'dlib-hog' | 'cascade';
  /** Of a cascade: the ratio of successive scales. @default 1.1 */
  scaleFactor?: number;
}

/** A landmarker of regression trees, as dlib trains it. */
export interface ForestDescriptor extends ClassicalModel {
  kind: 'shape-predictor';
  scheme: LandmarkScheme;
}

/** The descriptor of a stage that is no network, discriminated by `kind`. */
export type ClassicalDescriptor = ClassicalDetectorDescriptor | ForestDescriptor;

/** How a preset searches photos for faces, unless the options of a call say otherwise. Videos have defaults of their own. */
export interface PhotoSearch {
  /** As the option `thorough` of `detect()`. */
  thorough: boolean;
  /** The smallest face to find: the larger of `pixels` and `share` of the longer side of the photo. */
  minSize: { pixels: number; share: number };
}

/** How embeddings are computed: the networks, and how often each of them runs. */
export interface Preset {
  name: string;
  /** The names of the networks. */
  detector: string;
  landmarker: string;
  /** The name of an embedding network or of a fusion. */
  embedder: string;
  /** Passes of the landmarker. The second one uses crops that the landmarks of the first one position. */
  landmarkPasses: 1 | 2;
  /**
   * The zooms of the crops whose embeddings are averaged. 1 has the margin of the embedder's crops; 1.1 covers a
   * tenth more in each direction, 0.9 a tenth less.
   */
  zooms: number[];
  /** Whether the mirror image of each crop is embedded as well. */
  mirrored: boolean;
  /** How photos are searched for faces. Default: thoroughly, for faces of 25 pixels or a hundredth of the longer side. */
  search?: PhotoSearch;
  /** The calibration, fitted to embeddings that this preset computed. */
  calibration: Calibration;
}

/** The name of a WebAssembly file that a backend or MediaPipe loads. */
export type EngineFileName =
  | 'facenet-relaxed-simd'
  | 'facenet-simd'
  | 'facenet-simd-threads'
  | 'facenet-threads'
  | 'tfjs-wasm'
  | 'tfjs-wasm-simd'
  | 'mediapipe-vision';

/** A WebAssembly file that a backend or MediaPipe loads. */
export interface EngineFile extends ModelFile {
  name: EngineFileName;
  licence: string;
  source: ModelSource;
}

/** The content of `manifest.json`: every network and every WebAssembly file of the folder. */
export interface Manifest {
  /** The version of this format. */
  version: 1;
  models: ModelDescriptor[];
  /** Detectors and landmarkers that are no networks. */
  classical?: ClassicalDescriptor[];
  /** Embedders that join several networks of `models`. */
  fusions?: FusionDescriptor[];
  engines: EngineFile[];
  /** The presets; the first is the default. A folder that only adds models may have none. */
  presets?: Preset[];
}
