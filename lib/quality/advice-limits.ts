import type { QualityAdviceCode, QualityComponent, QualityComponentName } from '../core/quality-components.ts';
import type { Measured } from './scores.ts';

/**
 * The score below which a component has advice, in the order in which equally poor components are listed. About one in
 * 20 faces of LFW, or fewer, are below each limit; one in six is below that of the yaw. (docs/quality.md)
 */
export const adviceLimits: Record<QualityComponentName, number> = {
  eyesVisible: 50,
  mouthOcclusionPrevention: 50,
  interEyeDistance: 12,
  headSize: 2,
  leftwardCropOfTheFaceImage: 5,
  rightwardCropOfTheFaceImage: 5,
  downwardCropOfTheFaceImage: 1,
  upwardCropOfTheFaceImage: 1,
  luminanceMean: 4,
  underExposurePrevention: 20,
  overExposurePrevention: 8,
  sharpness: 30,
  compressionArtifacts: 30,
  headPoseYaw: 70,
  headPosePitch: 70,
  headPoseRoll: 50,
  eyesOpen: 50,
  mouthClosed: 20,
  illuminationUniformity: 30,
  luminanceVariance: 20,
  dynamicRange: 55,
  naturalColour: 10,
};

/** The advice of each component, or how it follows from the measurement. */
const codes: Record<QualityComponentName, QualityAdviceCode | ((measured: Measured) => QualityAdviceCode | undefined)> =
  {
    eyesVisible: 'uncover-eyes',
    mouthOcclusionPrevention: 'uncover-mouth',
    interEyeDistance: 'move-closer',
    // A small head gets the advice of interEyeDistance, if it shows too few pixels.
    headSize: ({ value }) => (value > 0.45 ? 'move-back' : undefined),
    leftwardCropOfTheFaceImage: 'move-to-middle',
    rightwardCropOfTheFaceImage: 'move-to-middle',
    downwardCropOfTheFaceImage: 'move-to-middle',
    upwardCropOfTheFaceImage: 'move-to-middle',
    luminanceMean: ({ value }) => (value < 0.5 ? 'more-light' : 'less-light'),
    underExposurePrevention: 'more-light',
    overExposurePrevention: 'less-light',
    sharpness: 'hold-still',
    compressionArtifacts: 'less-compression',
    headPoseYaw: 'look-straight',
    headPosePitch: 'look-straight',
    headPoseRoll: 'head-upright',
    eyesOpen: 'open-eyes',
    mouthClosed: 'close-mouth',
    illuminationUniformity: ({ darkerSide }) => (darkerSide === 'left' ? 'light-left-side' : 'light-right-side'),
    luminanceVariance: 'more-contrast',
    dynamicRange: 'more-contrast',
    naturalColour: 'natural-colour',
  };

/** The advice for a component, or undefined if its score is above the limit. */
export function adviceFor(component: QualityComponentName, measured: Measured): QualityAdviceCode | undefined {
  if (measured.score >= adviceLimits[component]) return undefined;
  const code = codes[component];
  return typeof code === 'function' ? code(measured) : code;
}

/** A component from its measurement: adds the advice and rounds the score. */
export function measuredComponent(name: QualityComponentName, measured: Measured): QualityComponent {
  const score = Math.max(0, Math.min(100, Math.round(measured.score)));
  const advice = adviceFor(name, { ...measured, score });
  return { value: measured.value, score, ...(advice && { advice }) };
}
