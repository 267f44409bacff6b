import type { Landmarks } from '../core/types.ts';
import { contradicts, type Gesture, gestureProgress, isFrontal } from './gestures.ts';
import { type Expression, measureExpression } from './measures.ts';

/** Why a challenge failed. */
export type ChallengeFailure =
  /** A gesture was not made in time, or no face looked straight into the camera. */
  | 'timeout'
  /** The head turned in another direction than requested. */
  | 'wrong-gesture'
  /** The face left the picture. */
  | 'face-lost'
  /** Another face replaced it. */
  | 'face-changed'
  /** A second face appeared. */
  | 'several-faces'
  /** The video ended, or during the gestures lost its source, was muted or showed no new frame for three seconds. */
  | 'video-ended';

/** A completed gesture, with the time from its prompt to its end. */
export interface ChallengeStep {
  /** The requested gesture. */
  gesture: Gesture;
  /** The time from its prompt to its end, in milliseconds. */
  milliseconds: number;
}

/** The result of a challenge. */
export type ChallengeResult =
  /** `face` is the track id that `watch` gave the face; it was the same in every frame. */
  | { passed: true; face: number; steps: ChallengeStep[] }
  | { passed: false; reason: ChallengeFailure; steps: ChallengeStep[] };

/** The part of a frame of `watch` that a challenge uses. */
export interface Sight {
  /** `waiting` when the video has no source. @default 'live' */
  state?: 'live' | 'waiting';
  /** In milliseconds. */
  time: number;
  /** The tracked faces, each with the id of its track. */
  faces: readonly { id: number; landmarks: Landmarks }[];
}

/** The requested gesture. */
export type Prompt = Gesture | 'look-straight';

/** The state of a challenge. */
export interface ChallengeState {
  /** The gestures, in the order in which they are requested. */
  readonly gestures: readonly Gesture[];
  /** The time limit for each prompt, in milliseconds. */
  readonly timeout: number;
  readonly prompt: Prompt;
  /** When the prompt was given. */
  readonly promptedAt: number;
  /** The face of the challenge, and when it was last seen. */
  readonly face?: { id: number; seenAt: number };
  /** Expressions of the last frames, collected to find the neutral one. */
  readonly neutralSamples: readonly Expression[];
  /** The neutral expression, once it is known. */
  readonly neutral?: Expression;
  /** Whether the gesture was made and only its end is pending. */
  readonly reached: boolean;
  /** Whether the last frame contradicted the gesture. Only two such frames in a row fail the challenge. */
  readonly contradicted: boolean;
  readonly steps: readonly ChallengeStep[];
  readonly result?: ChallengeResult;
}

/** The number of consecutive frames of a still face that determine the neutral expression. */
const neutralFrames = 8;

/** The maximum rotation of the head within these frames, in radians. */
const maxNeutralRotation = (8 * Math.PI) / 180;

/** The progress at or below which a gesture has ended. */
const endProgress = 0.4;

/** How long a face may be missing, in milliseconds: the tracker occasionally loses a face for a frame. */
const maxAbsence = 1000;

/** The initial state of a challenge. */
export function beginChallenge(gestures: readonly Gesture[], timeout: number, now: number): ChallengeState {
  return {
    gestures,
    timeout,
    prompt: 'look-straight',
    promptedAt: now,
    neutralSamples: [],
    reached: false,
    contradicted: false,
    steps: [],
  };
}

/**
 * The state after one more frame: a pure function. First the face must look straight into the camera and keep still,
 * which yields its neutral expression. Then each gesture must be made and ended in time, by the same single face,
 * without it leaving the picture.
 */
export function advanceChallenge(state: ChallengeState, { state: video, time, faces }: Sight): ChallengeState {
  if (state.result) return state;
  // Another source may show another person.
  if (state.neutral && video === 'waiting') return failChallenge(state, 'video-ended');
  if (time - state.promptedAt > state.timeout) return failChallenge(state, 'timeout');
  const [face] = faces;
  if (faces.length > 1) return state.neutral ? failChallenge(state, 'several-faces') : { ...state, neutralSamples: [] };
  if (!face) {
    if (!state.face || time - state.face.seenAt <= maxAbsence) return state;
    return state.neutral ? failChallenge(state, 'face-lost') : { ...state, neutralSamples: [] };
  }
  if (state.neutral && state.face?.id !== face.id) return failChallenge(state, 'face-changed');
  // Without frames in between, another person may have been in front of the camera.
  if (state.neutral && state.face && time - state.face.seenAt > maxAbsence) return failChallenge(state, 'face-lost');
  const seen = { ...state, face: { id: face.id, seenAt: time } };
  const current = measureExpression(face.landmarks);
  if (state.neutral) return advanceGesture(seen, current, state.neutral, time);
  return advanceNeutral(state.face?.id === face.id ? seen : { ...seen, neutralSamples: [] }, current, time);
}

/** Fails a challenge, also when no further frame arrives. */
export function failChallenge(state: ChallengeState, reason: ChallengeFailure): ChallengeState {
  return { ...state, result: { passed: false, reason, steps: [...state.steps] } };
}

function advanceNeutral(state: ChallengeState, current: Expression, time: number): ChallengeState {
  const neutralSamples = [...state.neutralSamples, current].slice(-neutralFrames);
  const isStill = (['yaw', 'pitch'] as const).every((angle) => {
    const angles = neutralSamples.map((expression) => expression[angle]);
    return Math.max(...angles) - Math.min(...angles) < maxNeutralRotation;
  });
  if (neutralSamples.length < neutralFrames || !isStill || !neutralSamples.every(isFrontal)) {
    return { ...state, neutralSamples };
  }
  // Medians, because the person may have blinked.
  const neutral = { openness: 0, yaw: 0, pitch: 0 };
  for (const measure of ['openness', 'yaw', 'pitch'] as const) {
    neutral[measure] = median(neutralSamples.map((expression) => expression[measure]));
  }
  return { ...state, neutralSamples: [], neutral, prompt: state.gestures[0] as Gesture, promptedAt: time };
}

function advanceGesture(state: ChallengeState, current: Expression, neutral: Expression, time: number): ChallengeState {
  const gesture = state.prompt as Gesture;
  const contradicted = contradicts(gesture, current, neutral);
  if (contradicted) return state.contradicted ? failChallenge(state, 'wrong-gesture') : { ...state, contradicted };
  const progress = gestureProgress(gesture, current, neutral);
  if (!state.reached) return { ...state, contradicted, reached: progress >= 1 };
  if (progress > endProgress) return { ...state, contradicted };
  const steps = [...state.steps, { gesture, milliseconds: time - state.promptedAt }];
  const next = state.gestures[steps.length];
  const after = { ...state, contradicted, steps, reached: false, promptedAt: time };
  if (next) return { ...after, prompt: next };
  return { ...after, result: { passed: true, face: (state.face as { id: number }).id, steps } };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
}
