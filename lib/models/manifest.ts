import type { Calibration, LandmarkScheme, Metric, TemplateName } from '../core/types.ts';

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

/**
 * BlazeFace's grids, in the order of its outputs: cells of `stride` input pixels, each with `perCell` anchors at its
 * centre.
 */
export type BlazeFaceGrids = { stride: number; perCell: number }[];

/** Converts a detector's box to the extent of BlazeFace's boxes, for which the landmarkers' crops were tuned. */
export interface BoxRule {
  /** The side of the resulting square, as a multiple of the box's longer side. */
  scale: number;
  /** The shift down the picture, as a multiple of the box's longer side. */
  shift: number;
}

/** A grid of cells of `stride` input pixels. Each cell has an anchor of each size, in input pixels. */
export interface AnchorGrid {
  stride: number;
  sizes: number[];
}

/**
 * How a box is encoded. `centre`: offset of the centre from the anchor and logarithm of the size, relative to the anchor's size
 * and multiplied by variances (SSD). `distances`: from the anchor to the left, top, right and bottom side, in sizes of the
 * anchor (FCOS). `corners`: left, top, right and bottom as fractions of the input, without anchors.
 */
export type BoxEncoding =
  | { encoding: 'centre'; centreVariance: number; sizeVariance: number }
  | { encoding: 'distances' }
  | { encoding: 'corners' };

/**
 * Non-maximum suppression. `hard` drops a candidate whose intersection over union with a stronger one is larger than
 * `maxOverlap`; `weighted` replaces both by their mean, weighted with their scores.
 */
export interface Suppression {
  method: 'hard' | 'weighted';
  maxOverlap: number;
}

/** The outputs of a detector that scores anchors on grids over its input, as data. */
export interface AnchorHead {
  type: 'anchors';
  /**
   * The indices of the outputs: one for all grids together, or one for each grid. The values of the anchors follow each other
   * by row, column and size. The score is the root of its product with `objectness`, if there is one.
   */
  outputs: { scores: number[]; objectness?: number[]; boxes: number[]; keypoints?: number[] };
  /** In the order of the outputs. */
  grids: AnchorGrid[];
  /** The position of an anchor in its cell: 0 is the top left corner, 0.5 the centre. */
  offset: number;
  /** Whether anchors that are larger than the input are limited to it. */
  clipped?: boolean;
  /** Scores per anchor: one of a face, or two, the second of a face. */
  classes: 1 | 2;
  /** What makes a probability of a score. `none`: the network has it inside. */
  activation: 'none' | 'sigmoid' | 'softmax';
  boxes: BoxEncoding;
  /**
   * The five keypoints: right eye, left eye, nose tip, right and left corner of the mouth, each as an offset from the anchor
   * relative to its size and multiplied by the variance.
   */
  keypoints?: { variance: number };
  suppression: Suppression;
  /** Candidates with a lower score are dropped. */
  minScore: number;
  /** The side of the smallest face that the network finds, in input pixels. Larger pictures are tiled to reach it. */
  minFace: number;
  box: BoxRule;
}

/** The kind of a detector's outputs, which selects their decoder. */
export type DetectionHead =
  | { type: 'blazeface'; grids: BlazeFaceGrids }
  | { type: 'ssd'; box: BoxRule }
  /** The anchors' sizes are in cells. */
  | { type: 'yolo'; anchors: [width: number, height: number][]; box: BoxRule }
  /** The first network of MTCNN. The names are those of the second and the third network. */
  | { type: 'mtcnn'; refinement: string; output: string; box: BoxRule }
  | AnchorHead
  /** dlib's CNN on a tiled image pyramid. */
  | MmodHead
  /** An SSD of OpenCV's DNN module. */
  | PriorHead;

/** Prior boxes on a grid: in each cell one of each size, in input pixels. */
export interface PriorGrid {
  columns: number;
  rows: number;
  /** The distance of two cells along x and y, in input pixels. */
  step: [x: number, y: number];
  /** The position of a prior box's centre in its cell, in steps. */
  offset: number;
  sizes: [width: number, height: number][];
}

/**
 * How the outputs of an SSD that OpenCV's DNN module runs are decoded: first four values for the box of each prior box, relative to
 * it, then two probabilities, the second that of a face.
 */
export interface PriorHead {
  type: 'priors';
  /** In the order of the outputs, each by row, column and size. */
  grids: PriorGrid[];
  /** The factors of the four values. */
  variances: [number, number, number, number];
  /** Whether prior boxes are cut at the border of the input. */
  clipped?: boolean;
  /** Candidates whose score is not higher are dropped. */
  minScore: number;
  /** Of two candidates, the weaker one is dropped if their intersection over union is larger. */
  maxOverlap: number;
  /** The number of candidates, the strongest, that are compared. */
  maxCandidates: number;
  /** The number of detections, the strongest, that are returned. */
  maxDetections: number;
}

/** How the output of dlib's CNN detector is read: a channel for each window. */
export interface MmodHead {
  type: 'mmod';
  /** The sizes of the faces that the channels find, in pixels. */
  windows: { width: number; height: number }[];
  /** The pixels between the images of the tiled pyramid, and about them. */
  padding: number;
  outerPadding: number;
  /** Input pixels per output pixel, along each side. */
  stride: number;
  /** The input position of the first output pixel. */
  offset: number;
  /** Of two detections, the weaker one is dropped if they overlap more, or if one covers more of the other. */
  maxOverlap: number;
  maxCovered: number;
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
