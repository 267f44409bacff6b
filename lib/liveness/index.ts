/** facenet-web/liveness: deterrents against photos held before the camera. They are no security. */
export { type ChallengeOptions, challenge } from './challenge.ts';
export type { ChallengeFailure, ChallengeResult, ChallengeStep, Prompt, Sight } from './challenge-state.ts';
export { type Gesture, gestures } from './gestures.ts';
export { Liveness, type LivenessOptions, type PassiveScore } from './liveness.ts';
export { eyeAspectRatio } from './measures.ts';
