import type { EmbeddedFace, LandmarkedFace, Landmarks } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';

/** What the tracker requests of one video frame. */
export interface FrameRequest {
  /** The faces of the previous frame. */
  known: readonly {
    landmarks: Landmarks;
    /** Embed the face if its crop's quality, 0 to 1, is at least this; Infinity: never. */
    embedAbove: number;
  }[];
  /** Detects new faces too; without it only known faces are followed. */
  search?: DetectionLimits;
}

/** A face of a frame with its embedding. */
export interface Sample extends EmbeddedFace {
  /** The quality of the crop alone, 0 to 1, known before the face is embedded. */
  cropQuality: number;
}

/** The time of each stage in a frame, in milliseconds. Stages that did not run are absent. */
export interface StageTimes {
  detection?: number;
  landmarks?: number;
  embedding?: number;
}

/** The result of a {@link FrameRequest}. */
export interface FrameAnswer {
  /** The known faces, in order: embedded if that was requested, undefined if the face is no longer visible. */
  known: (LandmarkedFace | Sample | undefined)[];
  /** New faces. */
  found: LandmarkedFace[];
  elapsed: StageTimes;
}
