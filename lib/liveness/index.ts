/** facenet-web/liveness: deterrents against photos held up to the camera. They are not security measures. */
export { type ChallengeOptions, challenge } from './challenge.ts';
export type { ChallengeFailure, ChallengeResult, ChallengeStep, Prompt, Sight } from './challenge-state.ts';
export { type Gesture, gestures } from './gestures.ts';
export { Liveness, type LivenessOptions } from './liveness.ts';
export { eyeAspectRatio } from './measures.ts';
export type { PassiveScore } from './passive-score.ts';
