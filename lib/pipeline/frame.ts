import type { EmbeddedFace, LandmarkedFace, Landmarks } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';

/** What is asked of a frame of a video. */
export interface FrameRequest {
  /** The faces of the frame before. */
  known: readonly {
    landmarks: Landmarks;
    /** The crop's quality, 0 to 1, above which the face is embedded; Infinity: not at all. */
    embedAbove: number;
  }[];
  /** What to look for besides; without it, nothing new is looked for. */
  search?: DetectionLimits;
}

/** An embedding of a face in a frame. */
export interface Sample extends EmbeddedFace {
  /** The quality of the crop alone, 0 to 1, which can be told before the face is embedded. */
  cropQuality: number;
}

/** The milliseconds that the stages took in a frame; one that was not needed is absent. */
export interface StageTimes {
  detection?: number;
  landmarks?: number;
  embedding?: number;
}

/** What a frame shows. */
export interface FrameAnswer {
  /** The known faces in their order, embedded where that was asked for; undefined where one is not seen any more. */
  known: (LandmarkedFace | Sample | undefined)[];
  /** The faces that are new. */
  found: LandmarkedFace[];
  elapsed: StageTimes;
}
