import { abortable, yieldToEventLoop } from '../../core/cancellation.ts';
import type { IndexOptions } from '../model/types.ts';
import type { DecodingBudget } from './decoding-budget.ts';

/** How many photos are indexed at once. In the background it is one, because another would use the time that the first one rests. */
export function photosAtOnceOf({ pace = 'full' }: IndexOptions, { photos }: DecodingBudget): number {
  return pace === 'background' ? 1 : photos;
}

/** The rest before the next photo, in milliseconds: in the background as long as the last one took. */
export function restAfter({ pace = 'full' }: IndexOptions, lastPhoto: number): number {
  return pace === 'background' ? lastPhoto : 0;
}

/** Rests before the next photo, and waits as the options ask for. @throws `signal.reason` when aborted. */
export async function betweenPhotos({ pauseWhenHidden = false, signal }: IndexOptions, rest: number): Promise<void> {
  await yieldToEventLoop(signal);
  if (rest > 0) await abortable(new Promise((resolve) => setTimeout(resolve, rest)), signal);
  if (pauseWhenHidden && typeof document !== 'undefined' && document.hidden) await untilVisible(signal);
}

async function untilVisible(signal: AbortSignal | undefined): Promise<void> {
  const stop = new AbortController();
  const visible = new Promise<void>((resolve) => {
    const check = () => {
      if (!document.hidden) resolve();
    };
    document.addEventListener('visibilitychange', check, { signal: stop.signal });
  });
  try {
    await abortable(visible, signal);
  } finally {
    stop.abort();
  }
}
