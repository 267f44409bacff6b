/** A position in pixels of the source image; x grows to the right, y downwards, (0, 0) is the top left corner. */
export interface Point {
  x: number;
  y: number;
}

/** An upright rectangle in pixels of the source image. It may reach beyond the image's edges. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Pixels in memory: RGBA, 8 bits each, row by row from the top. An `ImageData` is one; it needs no browser, so that the
 * pure parts of the library run anywhere.
 */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Everything that FaceNet can read a picture from. A `Blob` (or `File`) is decoded with its EXIF orientation applied. */
export type ImageSource =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Blob;

/**
 * The six keypoints of a BlazeFace detection, in source pixels. Left and right are the subject's own, so the right eye
 * lies at the left of an unmirrored picture.
 */
export interface Keypoints {
  rightEye: Point;
  leftEye: Point;
  noseTip: Point;
  mouth: Point;
  rightEar: Point;
  leftEar: Point;
}

/** A face as a detector found it. */
export interface Face {
  /** Where the face is, in source pixels. */
  box: Box;
  /** The detector's confidence, 0 to 1. */
  score: number;
  /** How far the head is rolled, clockwise as seen, in radians from −π to π; 0 is upright. */
  roll: number;
  /** The detector's own keypoints, in source pixels, where it gives them: BlazeFace does. */
  keypoints?: Keypoints;
}

/**
 * How a landmarker numbers its points: the 68 points of iBUG 300-W (the annotation that dlib and face-api share), or the
 * 468 points of the MediaPipe face mesh.
 */
export type LandmarkScheme = 'ibug-68' | 'mesh-468';

/** The landmarks of one face, in source pixels, numbered as `scheme` says. */
export interface Landmarks {
  scheme: LandmarkScheme;
  points: Point[];
  /** How sure the landmarker is that it looked at a face, 0 to 1, where it tells. */
  presence?: number;
}

/** A face with its landmarks. */
export interface LandmarkedFace extends Face {
  landmarks: Landmarks;
}

/** Which way a head is turned, in radians; all are 0 for a face that looks straight into the camera. */
export interface Pose {
  /** To the side: positive when the face looks to the right of the picture. */
  yaw: number;
  /** Up and down: positive when it looks down. */
  pitch: number;
  /** In the plane of the picture, clockwise as seen. */
  roll: number;
}

/** How a face's crop looks, whoever it shows. */
export interface Appearance {
  /** How much of the crop's contrast is in its finest detail: 0 (blurred, or enlarged from few pixels) to about 0.5. */
  sharpness: number;
  /** The mean luminance: 0 (black) to 1 (white). */
  brightness: number;
  /** The standard deviation of the luminance: 0 (flat) to 0.5 (half black, half white). */
  contrast: number;
}

/** How well a face lends itself to recognition. */
export interface Quality extends Pose, Appearance {
  /** The distance between the middles of the eyes, in source pixels. */
  eyeDistance: number;
  /** How sure the landmarker is that it sees a whole face, 0 to 1, where it tells; a covered face scores low. */
  presence?: number;
  /** How alike the embeddings of the face's crops are, 0 to 1; absent where the preset makes only one. */
  stability?: number;
  /** All of it in one number, 0 to 1: the lower, the more likely a comparison with this face goes wrong. */
  overall: number;
}

/** A face with its embedding: the vector that stands for the person. */
export interface EmbeddedFace extends LandmarkedFace {
  /** The embedding; its length is the model's dimension. */
  embedding: Float32Array;
  /** The name of the model that made the embedding. Only embeddings of one model can be compared. */
  model: string;
  /** How well the face lends itself to recognition. */
  quality: Quality;
}

/** A call that can be given up: it then rejects with `signal.reason`. */
export interface Abortable {
  signal?: AbortSignal | undefined;
}

/** A TensorFlow.js backend that can run the networks. */
export type BackendName = 'webgpu' | 'webgl' | 'wasm';

/** Which backend runs the networks, and why. */
export interface BackendChoice {
  name: BackendName;
  /** Why this one. */
  reason: string;
  /** Those that were tried before it, and why they were not taken. */
  rejected: { name: BackendName; reason: string }[];
  /** Number of threads that the networks run on: 1 on every backend but the multi-threaded WebAssembly kernels. */
  threads: number;
}

/** How two embeddings are compared. */
export type Metric = 'euclidean' | 'cosine';

/** What an embedder's distances mean, fitted to labelled pairs. */
export interface Calibration {
  /** The log-odds that two faces at distance d are of one person, at even prior: a + b·d. */
  logOdds: [a: number, b: number];
  /** The distance below which each share of impostor pairs is accepted, by descending share. */
  thresholds: { far: number; distance: number }[];
}

/** The name of an alignment template. */
export type TemplateName = 'dlib' | 'arcface';
