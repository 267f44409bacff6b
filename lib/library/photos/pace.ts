import { abortable, yieldToEventLoop } from '../../core/cancellation.ts';
import type { IndexOptions } from '../model/types.ts';

/** The rest between two photos in the background, in milliseconds: about as long as a photo takes. */
const backgroundRest = 400;

/** Waits before the next photo as the options ask for. @throws `signal.reason` when aborted. */
export async function betweenPhotos({ pace = 'full', pauseWhenHidden = false, signal }: IndexOptions): Promise<void> {
  await yieldToEventLoop(signal);
  if (pauseWhenHidden && typeof document !== 'undefined' && document.hidden) await untilVisible(signal);
  if (pace === 'background') await abortable(new Promise((resolve) => setTimeout(resolve, backgroundRest)), signal);
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
