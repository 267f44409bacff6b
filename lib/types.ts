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
  /** The detector's own keypoints, in source pixels, where it has any: BlazeFace does. */
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
}

/** A face with its landmarks. */
export interface LandmarkedFace extends Face {
  landmarks: Landmarks;
}

/** A face with its embedding: the vector that stands for the person. */
export interface EmbeddedFace extends LandmarkedFace {
  /** The embedding; its length is the model's dimension. */
  embedding: Float32Array;
  /** The name of the model that made the embedding. Only embeddings of one model can be compared. */
  model: string;
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
}
