import type { FaceSignature } from '../core/face-signature.ts';
import type { EmbeddedFace, LandmarkedFace, Landmarks } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';

/** A face of the previous frame, which the next frame is searched for. */
export interface KnownFace {
  /** The landmarks in the previous frame, or where they are expected in this one. */
  landmarks: Landmarks;
  /** Embed the face if its crop's quality, 0 to 1, is at least this; Infinity: never. */
  embedAbove: number;
  /** Embed one crop of the face if its quality is less than `embedAbove`. */
  verify: boolean;
  /** The signature in the previous frame; undefined if the face was not followed yet. */
  signature: FaceSignature | undefined;
  /** The distance of the signatures, 0 to 255, above which the picture may have been cut: one crop of the face is then embedded. */
  maxChange: number;
}

/** What the tracker requests of one video frame. */
export interface FrameRequest {
  /** The faces of the previous frame. */
  known: readonly KnownFace[];
  /** Detects new faces too; without it only known faces are followed. */
  search?: DetectionLimits;
  /** Detects new faces if a known one is no longer visible: it may have moved too far to be followed. */
  searchWhenLost?: DetectionLimits;
  /** Detects the known faces too, and matches them by position: they may have moved too far to be followed. Requires `search`. */
  redetect?: boolean;
}

/** A face of a frame, with its signature. */
export interface FollowedFace extends LandmarkedFace {
  signature: FaceSignature;
  /** The distance of the signature to that of the previous frame, 0 to 255; undefined for a new face. */
  change: number | undefined;
}

/** A face of a frame with its embedding. */
export interface Sample extends EmbeddedFace {
  /** The quality of the crop alone, 0 to 1, known before the face is embedded. */
  cropQuality: number;
  /** Whether one crop was embedded instead of all crops of the preset: suited to verification, not to a template. */
  oneCrop: boolean;
}

/** The time of each stage in a frame, in milliseconds. Stages that did not run are absent. */
export interface StageTimes {
  /** The search for new faces. */
  detection?: number;
  /** The landmarks of new and known faces. */
  landmarks?: number;
  /** The embeddings. */
  embedding?: number;
}

/** The result of a {@link FrameRequest}. */
export interface FrameAnswer {
  /** The known faces, in order: embedded if that was requested, undefined if the face is no longer visible. */
  known: (FollowedFace | (FollowedFace & Sample) | undefined)[];
  /** New faces. */
  found: FollowedFace[];
  /** Whether new faces were detected. */
  searched: boolean;
  /** The size of the frame in pixels. */
  width: number;
  height: number;
  elapsed: StageTimes;
}
