import type { Landmarks } from '../core/types.ts';
import { contradicts, type Gesture, isFrontal, progressOf } from './gestures.ts';
import { type Expression, expressionOf } from './measures.ts';

/** Why a challenge was not passed. */
export type ChallengeFailure =
  /** A gesture was not made in time, or no face looked straight into the camera. */
  | 'timeout'
  /** The head was turned another way than was asked. */
  | 'wrong-gesture'
  /** The face was out of view, */
  | 'face-lost'
  /** or another one took its place, */
  | 'face-changed'
  /** or came beside it. */
  | 'several-faces'
  | 'video-ended';

/** A gesture that was made, and how long after it was asked for. */
export interface ChallengeStep {
  gesture: Gesture;
  milliseconds: number;
}

/** How a challenge came out. */
export type ChallengeResult =
  /** `face` is the id that `watch` gave the face, which was the same all the time. */
  | { passed: true; face: number; steps: ChallengeStep[] }
  | { passed: false; reason: ChallengeFailure; steps: ChallengeStep[] };

/** What is seen at a time: what a challenge needs of a frame of `watch`. */
export interface Sight {
  /** In milliseconds. */
  time: number;
  faces: readonly { id: number; landmarks: Landmarks }[];
}

/** What a person is to do now. */
export type Prompt = Gesture | 'look-straight';

/** How far a challenge has come. */
export interface ChallengeState {
  /** The gestures, in the order in which they are asked for. */
  readonly gestures: readonly Gesture[];
  /** The milliseconds for each. */
  readonly timeout: number;
  /** What is asked of the person, and since when. */
  readonly prompt: Prompt;
  readonly since: number;
  /** Who is asked, once a face was seen, and when it was last in view. */
  readonly face?: { id: number; seenAt: number };
  /** Expressions from which what the face does at rest is learnt; and that. */
  readonly settling: readonly Expression[];
  readonly rest?: Expression;
  /** Whether the gesture was made, and only its end is waited for. */
  readonly reached: boolean;
  /** Whether the last frame contradicted the gesture: one frame may err, two in a row do not. */
  readonly doubtful: boolean;
  readonly steps: readonly ChallengeStep[];
  readonly result?: ChallengeResult;
}

/** So many frames in a row of a still face show what it does at rest. */
const framesAtRest = 8;

/** How much the head may move in them, in radians. */
const still = (8 * Math.PI) / 180;

/** A gesture ends when no more of it is left. */
const ended = 0.4;

/** How long a face may be out of view, in milliseconds: the tracker loses one for a frame now and then. */
const patience = 1000;

/** A challenge that begins. */
export function beginChallenge(gestures: readonly Gesture[], timeout: number, now: number): ChallengeState {
  return {
    gestures,
    timeout,
    prompt: 'look-straight',
    since: now,
    settling: [],
    reached: false,
    doubtful: false,
    steps: [],
  };
}

/**
 * The challenge after one more frame: a pure function. First the face is to look straight into the camera and keep still, from
 * which it is learnt how open its eyes are and where its nose points at rest; then each gesture must be made and ended in its
 * time, by one face that is alone and never out of view.
 */
export function advanceChallenge(state: ChallengeState, { time, faces }: Sight): ChallengeState {
  if (state.result) return state;
  if (time - state.since > state.timeout) return failed(state, 'timeout');
  const [face] = faces;
  if (faces.length > 1) return state.rest ? failed(state, 'several-faces') : { ...state, settling: [] };
  if (!face) {
    if (!state.face || time - state.face.seenAt <= patience) return state;
    return state.rest ? failed(state, 'face-lost') : { ...state, settling: [] };
  }
  if (state.rest && state.face?.id !== face.id) return failed(state, 'face-changed');
  // No frame came meanwhile: nobody knows who was there.
  if (state.rest && state.face && time - state.face.seenAt > patience) return failed(state, 'face-lost');
  const seen = { ...state, face: { id: face.id, seenAt: time } };
  const now = expressionOf(face.landmarks);
  if (!state.rest) return settle(state.face?.id === face.id ? seen : { ...seen, settling: [] }, now, time);
  return act(seen, now, state.rest, time);
}

/** Why the challenge has failed where no further frame comes. */
export function failed(state: ChallengeState, reason: ChallengeFailure): ChallengeState {
  return { ...state, result: { passed: false, reason, steps: [...state.steps] } };
}

function settle(state: ChallengeState, now: Expression, time: number): ChallengeState {
  const settling = [...state.settling, now].slice(-framesAtRest);
  const isStill = (['yaw', 'pitch'] as const).every((angle) => {
    const angles = settling.map((expression) => expression[angle]);
    return Math.max(...angles) - Math.min(...angles) < still;
  });
  if (settling.length < framesAtRest || !isStill || !settling.every(isFrontal)) return { ...state, settling };
  // Medians: somebody may have blinked meanwhile.
  const rest = { openness: 0, yaw: 0, pitch: 0 };
  for (const measure of ['openness', 'yaw', 'pitch'] as const) {
    rest[measure] = median(settling.map((expression) => expression[measure]));
  }
  return { ...state, settling: [], rest, prompt: state.gestures[0] as Gesture, since: time };
}

function act(state: ChallengeState, now: Expression, rest: Expression, time: number): ChallengeState {
  const gesture = state.prompt as Gesture;
  const doubtful = contradicts(gesture, now, rest);
  if (doubtful) return state.doubtful ? failed(state, 'wrong-gesture') : { ...state, doubtful };
  const progress = progressOf(gesture, now, rest);
  if (!state.reached) return { ...state, doubtful, reached: progress >= 1 };
  if (progress > ended) return { ...state, doubtful };
  const steps = [...state.steps, { gesture, milliseconds: time - state.since }];
  const next = state.gestures[steps.length];
  const after = { ...state, doubtful, steps, reached: false, since: time };
  if (next) return { ...after, prompt: next };
  return { ...after, result: { passed: true, face: (state.face as { id: number }).id, steps } };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
}
