import type { CropFormat } from '../alignment/crop-format.ts';
import type {
  BackendChoice,
  Calibration,
  EmbeddedFace,
  Face,
  ImageSource,
  LandmarkedFace,
  Landmarks,
  Metric,
  Pixels,
} from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import type { PhotoSearch } from '../models/manifest.ts';
import type { FrameAnswer, FrameRequest } from './frame.ts';

/** The names of the models in use, as the manifest has them. */
export interface ModelNames {
  /** The name of the detector, as in `LoadOptions.detector`. */
  detector: string;
  /** The name of the landmarker, as in `LoadOptions.landmarker`. */
  landmarker: string;
  /** The name of the embedder, which faces state as their `model`. */
  embedder: string;
}

/** A detected face whose landmarks may be known already. */
export type KnownFace = Face & Partial<LandmarkedFace>;

/** What a loaded pipeline consists of: plain data that a worker can send to the page. */
export interface PipelineFacts {
  backend: BackendChoice;
  models: ModelNames;
  /** The length of an embedding. */
  dimension: number;
  metric: Metric;
  /** What distances mean. A user's own embedder may have no calibration yet. */
  calibration: Calibration | undefined;
  /** Whether faces can be followed from frame to frame by their landmarks: the landmarker must report their presence. */
  follows: boolean;
  /** The format of the embedder's crops. */
  crop: CropFormat;
  /** How photos are searched, if the preset says so. */
  search: PhotoSearch | undefined;
  /** The SHA-256 of each file of the embedder's networks, as 64 hexadecimal digits. */
  embedderFiles: readonly string[];
  /** The same of the detector and the landmarker. */
  detectionFiles: readonly string[];
}

/** The requests of a pipeline about one image: their parameters besides the image, and their results. */
export interface Requests {
  detect: { input: DetectionLimits; output: Face[] };
  /** The landmarks of each face, in order. Known landmarks are kept. */
  landmarks: { input: readonly KnownFace[]; output: Landmarks[] };
  align: { input: { face: KnownFace; format: CropFormat }; output: Pixels };
  /** Detects faces and embeds them, strongest first. */
  embedDetected: { input: DetectionLimits; output: EmbeddedFace[] };
  /** Embeds faces that were detected before, in their order. */
  embedFaces: { input: readonly KnownFace[]; output: EmbeddedFace[] };
  /** Embeds an image that is an aligned crop already. */
  embedCrop: { input: undefined; output: Float32Array };
  /** Follows the faces of the previous video frame. */
  follow: { input: FrameRequest; output: FrameAnswer };
}

export type RequestName = keyof Requests;
export type Input<Name extends RequestName> = Requests[Name]['input'];
export type Output<Name extends RequestName> = Requests[Name]['output'];

/** All stages from an image to embeddings, in a worker or on the page. The caller has validated the input. */
export interface Pipeline {
  readonly facts: PipelineFacts;
  /** Whether its worker stopped and cannot be started again, so that every request fails. @default false */
  readonly lost?: boolean;
  /** @throws {FaceNetError} when the image cannot be read; `signal.reason` when aborted. */
  request<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    signal?: AbortSignal,
  ): Promise<Output<Name>>;
  /** Writes fetched files that are not cached yet to the browser's cache. Returns whether all of them are stored. */
  persist(): Promise<boolean>;
  /** Persists fetched files and frees everything. Requests that are still pending have no result. */
  dispose(): Promise<void>;
}
