import { abortable } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import {
  advanceChallenge,
  beginChallenge,
  type ChallengeResult,
  type ChallengeState,
  failed,
  type Prompt,
  type Sight,
} from './challenge-state.ts';
import { drawGestures, gestures as everyGesture, type Gesture } from './gestures.ts';

/** What {@link challenge} can be told. */
export interface ChallengeOptions extends Abortable {
  /** The gestures to choose from. Default: all. */
  gestures?: readonly Gesture[];
  /** How many are asked for, drawn by chance, 1 to 10. Default: 3. */
  count?: number;
  /** The milliseconds in which each must be made, and in which a face must look straight first. Default: 10,000. */
  timeout?: number;
  /** Told what the person is to do now, each time that changes: show it. */
  onPrompt: (prompt: Prompt) => void;
}

/**
 * An active challenge: the person before the camera is asked for gestures that nobody can foresee, and they are measured from
 * the landmarks. It is a deterrent and no security: a film that is animated on demand passes it (docs/liveness.md).
 *
 * @param frames what `facenet.watch(video)` yields; it is ended when the challenge is.
 * @returns whether it was passed, and by which face; or why not.
 * @throws {FaceNetError} `option-invalid`; whatever the frames throw; on abort `signal.reason`.
 *
 * @example
 * const result = await challenge(facenet.watch(video), { onPrompt: (prompt) => tell(prompt), signal });
 * if (result.passed) console.log(`face ${result.face} did as it was asked`);
 */
export async function challenge(frames: AsyncIterable<Sight>, options: ChallengeOptions): Promise<ChallengeResult> {
  const { gestures = everyGesture, count = 3, timeout = 10_000, onPrompt, signal } = checkedOptions(options);
  checkChallenge({ gestures, count, timeout, onPrompt });
  signal?.throwIfAborted();
  const iterator = frames[Symbol.asyncIterator]();
  let state = beginChallenge(drawGestures(count, gestures), timeout, performance.now());
  try {
    onPrompt(state.prompt);
    while (!state.result) {
      const before: ChallengeState = state;
      const next = await abortable(within(iterator.next(), before.since + timeout - performance.now()), signal);
      if (next === 'late') state = failed(before, 'timeout');
      else if (next.done) state = failed(before, 'video-ended');
      else state = advanceChallenge(before, next.value);
      if (!state.result && state.prompt !== before.prompt) onPrompt(state.prompt);
    }
    return state.result;
  } finally {
    // A video that stands still lets its frames wait, and with them this: nobody needs to.
    iterator.return?.()?.catch(() => {});
  }
}

/** Waits for a frame, or until it is too late: a video that stands still gives none. */
async function within<T>(frame: Promise<T>, milliseconds: number): Promise<T | 'late'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), milliseconds);
  });
  try {
    return await Promise.race([frame, late]);
  } finally {
    clearTimeout(timer);
  }
}

function checkChallenge({ gestures, count, timeout, onPrompt }: Required<Omit<ChallengeOptions, 'signal'>>): void {
  const unknown = gestures.find((gesture) => !everyGesture.includes(gesture));
  if (unknown !== undefined || gestures.length === 0) {
    throw new FaceNetError('option-invalid', `gestures holds ${unknown}: use some of "${everyGesture.join('", "')}".`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw new FaceNetError('option-invalid', `count is ${count}: use a whole number from 1 to 10.`);
  }
  if (!(timeout > 0 && timeout < 2 ** 31)) {
    throw new FaceNetError('option-invalid', `timeout is ${timeout}: use milliseconds, above 0 and below 2^31.`);
  }
  if (typeof onPrompt !== 'function') {
    throw new FaceNetError('option-invalid', 'onPrompt must be a function that shows the person what to do.');
  }
}
