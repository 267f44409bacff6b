import { afterEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { betweenPhotos } from '../../../lib/library/photos/pace.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

/** The part of a document that the pace uses. */
class FakeDocument extends EventTarget {
  hidden = true;
  listeners = 0;

  override addEventListener(...[type, listener, options]: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    const { signal } = options as { signal: AbortSignal };
    signal.addEventListener('abort', () => this.listeners--);
    super.addEventListener(type, listener, options);
  }
}

afterEach(() => vi.unstubAllGlobals());

describe('the pace "background"', () => {
  /** A FaceNet that takes 40 ms for a photo, and the times of its calls. */
  function slowFaceNet() {
    const facenet = new CountingFaceNet();
    const { embed } = facenet;
    const calls: { start: number; end: number }[] = [];
    facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 40));
      const faces = await embed(...parameters);
      calls.push({ start, end: performance.now() });
      return faces;
    }) as typeof embed;
    return { facenet, calls };
  }

  test('rests as long as it works, and the time left counts the rests', async () => {
    stubImages();
    const { facenet, calls } = slowFaceNet();
    await using library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
    const estimates: number[] = [];
    const files = Array.from({ length: 8 }, (_, i) => photo(`${i}`, [0]));
    await library.add(files, {
      pace: 'background',
      onProgress: ({ total, done, timeLeft }) => {
        if (timeLeft !== undefined && total > done) estimates.push(timeLeft / (total - done));
      },
    });
    expect(calls).toHaveLength(8);
    for (const [i, { start, end }] of calls.entries()) {
      const next = calls[i + 1];
      // A timer may end up to a millisecond early.
      if (next) expect(next.start - end).toBeGreaterThan(end - start - 1);
    }
    // A photo takes at least 40 ms, and each but the first follows a rest of that length.
    expect(Math.min(...estimates)).toBeGreaterThan((40 + 80) / 2 - 2);
    expect(Math.max(...estimates)).toBeGreaterThan(65);
  });
});

describe('the wait while the page is hidden', () => {
  test('ends when the page is visible', async () => {
    const page = new FakeDocument();
    vi.stubGlobal('document', page);
    const waiting = betweenPhotos({ pauseWhenHidden: true }, 0);
    await vi.waitFor(() => expect(page.listeners).toBe(1));
    page.dispatchEvent(new Event('visibilitychange'));
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    await waiting;
    expect(page.listeners).toBe(0);
  });

  test('leaves no listener after an abort', async () => {
    const page = new FakeDocument();
    vi.stubGlobal('document', page);
    const controller = new AbortController();
    const waiting = betweenPhotos({ pauseWhenHidden: true, signal: controller.signal }, 0);
    await vi.waitFor(() => expect(page.listeners).toBe(1));
    controller.abort('stop');
    await expect(waiting).rejects.toBe('stop');
    expect(page.listeners).toBe(0);
  });
});
