import { describe, expect, test } from 'vitest';
import type { ComparisonRule } from '../../../lib/comparison/compare.ts';
import type { FollowFrame } from '../../../lib/video/reduced-frame.ts';
import { type Identifier, watchVideo } from '../../../lib/video/watch.ts';
import { FakeVideo } from './fake-video.ts';
import { answerTo } from './synthetic-video.ts';

/** Never settles. */
const never = new Promise<never>(() => {});

/** Watches one face until the pipeline or the gallery does not answer. */
async function watchUntilSilent(silent: 'pipeline' | 'gallery') {
  const video = new FakeVideo();
  video.present();
  const [aborting, disposing] = [new AbortController(), new AbortController()];
  let reached = () => {};
  const waiting = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const wait = () => {
    reached();
    return never;
  };
  const follow: FollowFrame = async (_, request) =>
    silent === 'pipeline' ? wait() : answerTo(request, [{ x: 0, person: 0 }]);
  const gallery: Identifier = { identify: wait };
  const frames = watchVideo(
    video.element,
    {
      follow,
      limits: { minScore: 0.5, maxFaces: 1, thorough: false, minSize: { pixels: 8, share: 0.1 } },
      follows: true,
      rule: {} as ComparisonRule,
      disposed: disposing.signal,
    },
    { gallery, signal: aborting.signal },
  );
  const end = (async () => {
    // A face has a place in the frames once two of them have shown it.
    for (;;) {
      const next = frames.next();
      setTimeout(() => video.present());
      if ((await next).done) return 'done';
    }
  })().catch((error: unknown) => error);
  await waiting;
  return { frames, aborting, disposing, end };
}

describe.each(['pipeline', 'gallery'] as const)('watch() while the %s does not answer', (silent) => {
  test('ends when the loop is left', async () => {
    const { frames, end } = await watchUntilSilent(silent);
    await expect(frames.return()).resolves.toEqual({ done: true, value: undefined });
    await expect(end).resolves.toBe('done');
  });

  test('rejects with the reason of an abort', async () => {
    const { aborting, end } = await watchUntilSilent(silent);
    aborting.abort('stop');
    await expect(end).resolves.toBe('stop');
  });

  test('rejects with the reason of dispose()', async () => {
    const { disposing, end } = await watchUntilSilent(silent);
    disposing.abort('disposed');
    await expect(end).resolves.toBe('disposed');
  });
});
