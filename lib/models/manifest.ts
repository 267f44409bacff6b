import type { Calibration, LandmarkScheme, Metric, TemplateName } from '../core/types.ts';

/** A file that a model or an engine consists of. */
export interface ModelFile {
  /** The path below the manifest. */
  path: string;
  /** The size in bytes. */
  bytes: number;
  /** The SHA-256 of the whole file, in lower-case hexadecimal. */
  sha256: string;
}

/** Where a file came from. */
export interface ModelSource {
  /** The npm package. */
  package: string;
  version: string;
  /** The files inside the package. */
  files: string[];
  /** What the prepare step made of them. */
  conversion: string;
}

/** How a network wants its picture: the one place where preprocessing is written down. */
export interface Preprocessing {
  width: number;
  height: number;
  /** The order of the three colour channels. */
  channels: 'rgb' | 'bgr';
  /** Subtracted from each channel (0 to 255), in the order of `channels`. */
  mean: [number, number, number];
  /** What each channel is divided by afterwards. */
  std: [number, number, number];
}

/** What every network states about itself. */
interface Descriptor {
  name: string;
  files: ModelFile[];
  input: { name: string; shape: number[] };
  outputs: { name: string; shape: number[] }[];
  preprocessing: Preprocessing;
  /** The SPDX licence identifier, or a sentence where there is none. */
  licence: string;
  trainingData: string;
  source: ModelSource;
  /**
   * What the network answers to {@link selfCheckPixels}: of each output every `stride`th value, from the first on, and by
   * how much a backend may differ. TensorFlow.js only.
   */
  selfCheck?: { values: number[]; stride: number; tolerance: number }[];
}

/** BlazeFace's grids, in the order of its outputs: cells of `stride` input pixels with `perCell` anchors at each centre. */
export type BlazeFaceGrids = { stride: number; perCell: number }[];

/** What brings a detector's box to the extent of BlazeFace's, for which the landmarkers' crops were made. */
export interface BoxRule {
  /** The side of the square that it becomes, in longer sides of the detector's box. */
  scale: number;
  /** How far down it is moved, in longer sides. */
  shift: number;
}

/** What a detector's outputs are, and so how faces are read off them. */
export type DetectionHead =
  | { type: 'blazeface'; grids: BlazeFaceGrids }
  | { type: 'ssd'; box: BoxRule }
  /** Anchors are width and height in cells. */
  | { type: 'yolo'; anchors: [width: number, height: number][]; box: BoxRule };

/** A face detector. */
export interface DetectionDescriptor extends Descriptor {
  task: 'detection';
  /** Whose code runs the network: TensorFlow.js, or MediaPipe tasks-vision. */
  engine: 'tfjs' | 'mediapipe';
  head: DetectionHead;
  /** The detector that takes over where this one's engine does not start. */
  fallback?: string;
  /**
   * The detector, of TensorFlow.js, that looks again at what this one found: itself or another. That pays for a network that
   * sees little of a whole photo; one that searches all of it at every scale needs none.
   */
  closeUp?: string;
}

/** A landmark network. Its first output holds the points; a second, if there is one, the probability of seeing a face. */
export interface LandmarksDescriptor extends Descriptor {
  task: 'landmarks';
  engine: 'tfjs';
  scheme: LandmarkScheme;
  /** How many numbers the output holds for a point, of which x and y come first. */
  valuesPerPoint: number;
  /** What an output of 1 means: the whole crop, or one pixel of it. */
  unit: 'crop' | 'pixel';
  /**
   * The crop it wants: a square about the middle of the detection's box, upright along the line of the eyes, `scale` times
   * the box's longer side, moved down the face by `shift` times that side.
   */
  crop: { scale: number; shift: number };
}

/** A network that makes embeddings. */
export interface EmbeddingDescriptor extends Descriptor {
  task: 'embedding';
  engine: 'tfjs';
  dimension: number;
  metric: Metric;
  /** The crop template it was trained on. */
  template: TemplateName;
  /** What distances mean when this network is used with another preset than its own. */
  calibration?: Calibration;
}

/** A network that tells a live face from a picture of one that is held before the camera. */
export interface LivenessDescriptor extends Descriptor {
  task: 'liveness';
  engine: 'tfjs';
  /** The crop it wants: an upright square about the middle of the face's box, `scale` times the box's longer side. */
  crop: { scale: number };
  /** Which number of its output is the score, 0 to 1, that rises with what it takes for live. */
  score: number;
}

/** Any network's descriptor; `task` tells which. */
export type ModelDescriptor = DetectionDescriptor | LandmarksDescriptor | EmbeddingDescriptor | LivenessDescriptor;

/** How an embedding is made: which networks, and how often each of them looks. */
export interface Preset {
  name: string;
  /** The names of the networks. */
  detector: string;
  landmarker: string;
  embedder: string;
  /** 2: the landmarks are found again, on a crop that those of the first pass place. */
  landmarkPasses: 1 | 2;
  /**
   * The crops of a face whose embeddings are averaged: 1 has the margin of the embedder's template, 1.1 shows a tenth more
   * to every side, 0.9 a tenth less.
   */
  zooms: number[];
  /** Whether the mirror image of each crop takes part too. */
  mirrored: boolean;
  /** What distances mean, fitted to this very way of embedding. */
  calibration: Calibration;
}

/** The names of the engine files: WebAssembly that a backend or MediaPipe loads. */
export type EngineFileName =
  | 'facenet-relaxed-simd'
  | 'facenet-simd'
  | 'facenet-threads'
  | 'tfjs-wasm'
  | 'tfjs-wasm-simd'
  | 'mediapipe-vision';

/** An engine's WebAssembly file. */
export interface EngineFile extends ModelFile {
  name: EngineFileName;
  licence: string;
  source: ModelSource;
}

/** What `manifest.json` holds: every network and engine file below it. */
export interface Manifest {
  /** The version of this format. */
  version: 1;
  models: ModelDescriptor[];
  engines: EngineFile[];
  /** The first is the default; a folder that only adds models may have none. */
  presets?: Preset[];
}
