import type { QualityComponents } from './quality-components.ts';

/** A position in source pixels: x to the right, y downwards, (0, 0) is the top left corner. */
export interface Point {
  /** The distance from the left side. */
  x: number;
  /** The distance from the top. */
  y: number;
}

/** An upright rectangle in source pixels. It may extend beyond the image. */
export interface Box {
  /** The left side. */
  x: number;
  /** The top side. */
  y: number;
  /** The width. */
  width: number;
  /** The height. */
  height: number;
}

/**
 * Pixels in memory: RGBA, 8 bits per channel, row by row from the top. An `ImageData` has this shape, and Node can
 * create it too.
 */
export interface Pixels {
  /** The width in pixels. */
  width: number;
  /** The height in pixels. */
  height: number;
  /** Four values for each pixel, row by row: red, green, blue and alpha, 0 to 255. */
  data: Uint8ClampedArray;
}

/**
 * The sources that FaceNet reads pictures from. The EXIF orientation of a `Blob` or `File` is applied; an image element is
 * read as the browser shows it, and loaded if the browser has not loaded it yet.
 */
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
 * The keypoints of a detection, in source pixels: six of BlazeFace, with the ears, or five with the corners of the mouth. Left
 * and right are the subject's own: the right eye is on the left side of an unmirrored picture.
 */
export interface Keypoints {
  /** The centre of the right eye. */
  rightEye: Point;
  /** The centre of the left eye. */
  leftEye: Point;
  /** The tip of the nose. */
  noseTip: Point;
  /** The centre of the mouth; the midpoint of its corners if the detector finds these. */
  mouth: Point;
  /** The right corner of the mouth; absent for BlazeFace. */
  rightMouthCorner?: Point;
  /** The left corner of the mouth; absent for BlazeFace. */
  leftMouthCorner?: Point;
  /** The right ear; only of BlazeFace. */
  rightEar?: Point;
  /** The left ear; only of BlazeFace. */
  leftEar?: Point;
}

/** A detected face. */
export interface Face {
  /** The bounding box, in source pixels. */
  box: Box;
  /** The detector's confidence, 0 to 1. */
  score: number;
  /** The in-plane rotation of the head, clockwise on the screen, in radians from −π to π. 0 is upright. */
  roll: number;
  /** The detector's keypoints, in source pixels. BlazeFace has them, and a detector of one's own that finds five points. */
  keypoints?: Keypoints;
}

/**
 * The numbering of landmarks: the 68 points of iBUG 300-W, which dlib and face-api use, the 468 of the MediaPipe face
 * mesh, the 106 of InsightFace's 2d106det, the five that detectors find (right eye, left eye, nose tip, right corner of the
 * mouth, left corner), or the five of dlib (outer and inner corner of the left eye, outer and inner corner of the right
 * eye, base of the nose). Left and right are the subject's own.
 */
export type LandmarkScheme = 'ibug-68' | 'mesh-468' | 'insightface-106' | 'points-5' | 'dlib-5';

/** The landmarks of a face. */
export interface Landmarks {
  /** The numbering of the points. */
  scheme: LandmarkScheme;
  /** The points, in source pixels. */
  points: Point[];
  /** The box that the detector found with five points, in source pixels. The template `facenet` is a crop about it. */
  box?: Box;
  /** The probability that there is a face, 0 to 1. Only landmarkers with a presence output have it. */
  presence?: number;
}

/** A face with its landmarks. */
export interface LandmarkedFace extends Face {
  /** The landmarks, in source pixels. */
  landmarks: Landmarks;
}

/** The rotation of a head, in radians. All angles are 0 for a face that looks straight into the camera. */
export interface Pose {
  /** Rotation about the vertical axis, positive when the face looks to the right of the picture. */
  yaw: number;
  /** Rotation about the horizontal axis, positive when the face looks down. */
  pitch: number;
  /** Rotation in the plane of the picture, clockwise on the screen. */
  roll: number;
}

/** The appearance of a face's crop. */
export interface Appearance {
  /** The share of the crop's contrast in its finest detail: 0 (blurred, or enlarged from few pixels) to about 0.5. */
  sharpness: number;
  /**
   * As `sharpness`, in the direction with the least detail, for detail of about 1, 2 and 4 pixels of the crop. Motion blur removes detail
   * in one direction. Absent in qualities of release 0.1.0.
   */
  detail?: [fine: number, medium: number, coarse: number];
  /** The mean luminance: 0 (black) to 1 (white). */
  brightness: number;
  /** The standard deviation of the luminance: 0 (flat) to 0.5 (half black, half white). */
  contrast: number;
}

/** How well a face is suited to recognition. */
export interface Quality extends Pose, Appearance {
  /** The distance between the centres of the eyes, in source pixels. */
  eyeDistance: number;
  /** The landmarker's probability of a complete face, 0 to 1, if it has a presence output. Low for covered faces. */
  presence?: number;
  /**
   * The agreement of the embeddings of the face's crops, 0 to 1. Absent if the preset embeds one crop. Of an embedder that joins several
   * networks, the first one's.
   */
  stability?: number;
  /**
   * The length of the embedding network's output before it is scaled to 1, the mean over the face's crops. Networks that are trained
   * with an angular margin give shorter vectors for faces that are hard to recognise (Meng et al., "MagFace", CVPR 2021). Comparable
   * for one embedder only. Of an embedder that joins several networks, the first one's.
   */
  magnitude?: number;
  /**
   * An estimate of the cosine similarity that one stranger in a hundred exceeds, if both photos have the same defects. It is larger
   * for poor photos, whose embeddings resemble each other: about 0.37 for clear photos and up to 0.7 with `balanced`; other presets have
   * other values. Absent if the preset's calibration has no model of it.
   * (docs/comparison.md)
   */
  strangerSimilarity?: number;
  /**
   * Identifies the model that computed `strangerSimilarity`, whose values have a scale of their own. Comparisons use a value only if it is
   * of the model in their rule's calibration (`conditional.strangerModel`): store both. Absent without `strangerSimilarity`.
   */
  strangerModel?: string;
  /** The overall quality, 0 to 1: the lower, the more likely are wrong comparisons with this face. */
  overall: number;
  /** Properties of the picture and the face, each with a score from 0 to 100 and advice. (docs/quality.md) */
  components: QualityComponents;
}

/** A face with its embedding, the vector that represents the person. */
export interface EmbeddedFace extends LandmarkedFace {
  /** The embedding, of length 1. The number of elements is the model's dimension. */
  embedding: Float32Array;
  /** The name of the model that computed the embedding. Only embeddings of the same model can be compared. */
  model: string;
  /** How well the face is suited to recognition. */
  quality: Quality;
}

/** Options of a call that can be aborted. */
export interface Abortable {
  /** Aborts the call, which then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/** A backend that can run the networks. */
export type BackendName = 'webgpu' | 'webgl' | 'wasm';

/**
 * The request for a backend: one by name; `auto`, the WebAssembly kernels, or the first other backend that works where
 * they do not; or `fastest`, the kernels until a faster backend is found by measurement.
 */
export type RequestedBackend = BackendName | 'auto' | 'fastest';

/** The speed of a backend on this machine. */
export interface MeasuredBackend {
  /** The name of the backend. */
  name: BackendName;
  /** The time to run each network once, in milliseconds: the sum of medians. */
  milliseconds: number;
}

/** The backend that runs the networks, and why it was chosen. */
export interface BackendChoice {
  /** The name of the backend. */
  name: BackendName;
  /** Why this backend was chosen. */
  reason: string;
  /** The backends that were tried before, and why each was rejected. */
  rejected: { name: BackendName; reason: string }[];
  /** Number of threads that the networks run on: 1 on every backend but the multi-threaded WebAssembly kernels. */
  threads: number;
  /**
   * The backends that `backend: 'fastest'` compared, now or earlier on this device. Absent until the comparison has ended,
   * and with other values of `backend`.
   */
  measured?: MeasuredBackend[];
}

/** The distance between embeddings. */
export type Metric = 'euclidean' | 'cosine';

/** The meaning of an embedder's distances, fitted to labelled pairs. */
export interface Calibration {
  /** The log-odds that two faces at distance d show the same person, at even prior odds: a + b·d. */
  logOdds: [a: number, b: number];
  /** The threshold distance for each false-accept rate (`far`, 0 to 1), by descending rate. */
  thresholds: { far: number; distance: number }[];
  /** What `quality.overall` compares a face with. Without it, `overall` uses the sharpness and the size of the crop. */
  quality?: QualityReference;
  /** The correction for pairs of two poor photos. Without it, all pairs are compared alike. */
  conditional?: ConditionalCalibration;
}

/**
 * The distances of strangers by the quality of their photos. They are smaller if both photos are poor, so one threshold for all pairs
 * accepts too many of these. (docs/decisions/037-conditional-calibration.md)
 */
export interface ConditionalCalibration {
  /**
   * The distances of strangers that `thresholds` refer to. A threshold for a pair is as many deviations from the mean of its point as
   * the plain threshold is from this mean.
   */
  reference: { mean: number; deviation: number };
  /**
   * By ascending `similarity`, the clearest pairs first. Values between two points are interpolated linearly; before the first and after
   * the last they are constant.
   */
  points: ConditionalPoint[];
  /** The similarity above which a pair is not compared. */
  limit: number;
  /**
   * The model of the similarities in `points` and `limit`, as {@link Quality.strangerModel}. `facenet.rule` has it; in a manifest,
   * {@link QualityReference.strangers} is the model. The similarities of faces with another model, or with none, are not used.
   */
  strangerModel?: string;
}

/** The distances of pairs whose smaller {@link Quality.strangerSimilarity} is `similarity`. */
export interface ConditionalPoint {
  /** The smaller {@link Quality.strangerSimilarity} of both faces. */
  similarity: number;
  /** The mean distance of strangers. */
  mean: number;
  /** Its standard deviation. */
  deviation: number;
  /** As {@link Calibration.logOdds}, for these pairs. */
  logOdds: [a: number, b: number];
}

/**
 * The name of an alignment template. `dlib` and `arcface` place landmarks, and make faces upright; `facenet` is the box
 * of MTCNN with a margin, not rotated. `dlib-chip` is the crop of dlib's `get_face_chip` with dlib's own resampling, and
 * `face-aligner` that of imutils' `FaceAligner`; both need dlib's points or, for `face-aligner`, eyes. `box` is the detection's box.
 */
export type TemplateName = 'dlib' | 'arcface' | 'facenet' | 'dlib-chip' | 'face-aligner' | 'box';

/** How a measure of the embedding network is distributed over many faces. */
export interface QualityReference {
  /** `magnitude`: {@link Quality.magnitude}. `spread`: √(1 − stability²), the spread of the embeddings of a face's crops. */
  measure: 'magnitude' | 'spread';
  /** The value of the median face. */
  median: number;
  /** The standard deviation. */
  deviation: number;
  /** How {@link Quality.strangerSimilarity} is computed. */
  strangers?: StrangerModel;
}

/** A linear model of {@link Quality.strangerSimilarity}, fitted to photos that were degraded alike. */
export interface StrangerModel {
  /** The weights of the embedding's elements. */
  direction: number[];
  /** The weight of {@link Quality.magnitude}. */
  magnitude: number;
  /** The weight of the natural logarithm of {@link Appearance.contrast}. */
  contrast: number;
  /** The weight of the natural logarithm of {@link Appearance.sharpness}, which is clamped to blurred photos. */
  sharpness: number;
  /** The weight of the natural logarithm of the fine {@link Appearance.detail}, which is clamped to blurred photos. 0 if absent. */
  fineDetail?: number;
  /** The weight of that of the medium detail. */
  mediumDetail?: number;
  /** The weight of that of the coarse detail. */
  coarseDetail?: number;
  /** The weight of the natural logarithm of the component `compressionArtifacts`, which is clamped to visible JPEG blocks. 0 if absent. */
  compressionArtifacts?: number;
  /** The weight of the value of the component `eyesVisible`, which is large for covered eyes. */
  eyesVisible: number;
  /** The weight of the value of the component `mouthOcclusionPrevention`, which is large for a covered mouth. */
  mouthOcclusionPrevention: number;
  /** The constant term. */
  offset: number;
}

/** What identifies an embedder beside its name. Embeddings of different files or templates cannot be compared. */
export interface EmbedderIdentity {
  /** The SHA-256 of each file of its network, or of the networks of a fusion, as 64 hexadecimal digits. */
  sha256: readonly string[];
  /** The alignment template of its crops; of a fusion, that of its first network. */
  template: TemplateName;
}
