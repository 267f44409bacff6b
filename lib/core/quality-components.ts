/**
 * The name of a component of a face's quality, as in OFIQ, the reference implementation of ISO/IEC 29794-5
 * (https://github.com/BSI-OFIQ/OFIQ-Project). The components are modelled on it, without a claim of conformance.
 */
export type QualityComponentName =
  | 'eyesVisible'
  | 'mouthOcclusionPrevention'
  | 'interEyeDistance'
  | 'headSize'
  | 'leftwardCropOfTheFaceImage'
  | 'rightwardCropOfTheFaceImage'
  | 'downwardCropOfTheFaceImage'
  | 'upwardCropOfTheFaceImage'
  | 'luminanceMean'
  | 'underExposurePrevention'
  | 'overExposurePrevention'
  | 'sharpness'
  | 'compressionArtifacts'
  | 'headPoseYaw'
  | 'headPosePitch'
  | 'headPoseRoll'
  | 'eyesOpen'
  | 'mouthClosed'
  | 'illuminationUniformity'
  | 'luminanceVariance'
  | 'dynamicRange'
  | 'naturalColour';

/** What the person in the picture can do to improve it. The codes are stable; `qualityAdvice()` has a text for each. */
export type QualityAdviceCode =
  | 'uncover-eyes'
  | 'uncover-mouth'
  | 'move-closer'
  | 'move-back'
  | 'move-to-middle'
  | 'more-light'
  | 'less-light'
  | 'light-left-side'
  | 'light-right-side'
  | 'hold-still'
  | 'less-compression'
  | 'look-straight'
  | 'head-upright'
  | 'open-eyes'
  | 'close-mouth'
  | 'more-contrast'
  | 'natural-colour';

/** A component of a face's quality. */
export interface QualityComponent {
  /** The measured value. docs/quality.md has the unit of each component. */
  value: number;
  /** The value as a quality: an integer from 0 (poor) to 100 (good). */
  score: number;
  /** What would improve the component. Absent if the score is above the component's limit. */
  advice?: QualityAdviceCode;
}

/** The components of a face's quality. Those that the landmarks cannot give are absent. */
export type QualityComponents = Partial<Record<QualityComponentName, QualityComponent>>;
