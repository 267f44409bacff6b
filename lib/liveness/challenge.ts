import { abortable } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import {
  advanceChallenge,
  beginChallenge,
  type ChallengeResult,
  type ChallengeState,
  failChallenge,
  type Prompt,
  type Sight,
} from './challenge-state.ts';
import { gestures as allGestures, drawGestures, type Gesture } from './gestures.ts';

/** Options of {@link challenge}. */
export interface ChallengeOptions extends Abortable {
  /** The gestures to draw from. Default: all of {@link gestures}. */
  gestures?: readonly Gesture[];
  /** The number of gestures, drawn at random, 1 to 10. @default 3 */
  count?: number;
  /** The time limit for each gesture, and for looking straight at the start, in milliseconds. @default 10_000 */
  timeout?: number;
  /** Called with each new prompt, to be shown to the person. */
  onPrompt: (prompt: Prompt) => void;
}

/**
 * An active liveness challenge: requests random gestures of the person in front of the camera and measures them from the
 * landmarks. It deters attacks and is not a security measure: a face animated on demand passes it (docs/liveness.md).
 *
 * @param frames the frames of `facenet.watch(video)`. The challenge ends the iteration.
 * @param options `onPrompt`, which is required, the gestures with their number and time limit, and a signal that cancels the call.
 * @returns whether the challenge was passed and by which face, or why it failed.
 * @throws {FaceNetError} `option-invalid`, also for landmarks without the outlines of the eyes; any error of the frames;
 *   `signal.reason` when aborted.
 *
 * @example
 * const result = await challenge(facenet.watch(video), { onPrompt: (prompt) => tell(prompt), signal });
 * if (result.passed) console.log(`face ${result.face} made all gestures`);
 */
export async function challenge(frames: AsyncIterable<Sight>, options: ChallengeOptions): Promise<ChallengeResult> {
  const {
    gestures = allGestures,
    count = 3,
    timeout = 10_000,
    onPrompt,
    signal,
  } = checkedOptions(options, {
    ...{ gestures: true, count: true, timeout: true, onPrompt: true },
  });
  checkChallenge({ gestures, count, timeout, onPrompt });
  signal?.throwIfAborted();
  const iterator = frames[Symbol.asyncIterator]();
  let state = beginChallenge(drawGestures(count, gestures), timeout, performance.now());
  try {
    onPrompt(state.prompt);
    while (!state.result) {
      const before: ChallengeState = state;
      const remaining = before.promptedAt + timeout - performance.now();
      const next = await abortable(withTimeout(iterator.next(), remaining), signal);
      if (next === 'timeout') state = failChallenge(before, 'timeout');
      else if (next.done) state = failChallenge(before, 'video-ended');
      else state = advanceChallenge(before, next.value);
      if (!state.result && state.prompt !== before.prompt) onPrompt(state.prompt);
    }
    return state.result;
  } finally {
    // Not awaited: return() settles only after the pending next(), which a paused video never settles.
    iterator.return?.()?.catch(() => {});
  }
}

/** Waits for a frame, but no longer than a timeout: a paused video yields no frames. */
async function withTimeout<T>(frame: Promise<T>, milliseconds: number): Promise<T | 'timeout'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), milliseconds);
  });
  try {
    return await Promise.race([frame, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function checkChallenge({ gestures, count, timeout, onPrompt }: Required<Omit<ChallengeOptions, 'signal'>>): void {
  const unknown = gestures.find((gesture) => !allGestures.includes(gesture));
  if (unknown !== undefined || gestures.length === 0) {
    throw new FaceNetError('option-invalid', `gestures holds ${unknown}: use some of "${allGestures.join('", "')}".`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw new FaceNetError('option-invalid', `count is ${count}: use a whole number from 1 to 10.`);
  }
  if (!(timeout > 0 && timeout < 2 ** 31)) {
    throw new FaceNetError('option-invalid', `timeout is ${timeout}: use milliseconds, above 0 and below 2^31.`);
  }
  if (typeof onPrompt !== 'function') {
    throw new FaceNetError('option-invalid', 'onPrompt is not a function: pass one that shows the prompt.');
  }
}
