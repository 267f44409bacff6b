import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

test('waits for the picture of a stream whose sound comes first, and ends other waits', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  const outcomes = await page.evaluate(async () => {
    const watch = async (video: HTMLVideoElement, signal?: AbortSignal) => {
      for await (const { faces } of facenet.watch(video, { ...quick, ...(signal && { signal }) })) {
        if (faces.length > 0) return;
      }
      throw new Error('the video ended');
    };
    const audio = new AudioContext().createMediaStreamDestination().stream;
    const loud = Object.assign(document.createElement('video'), { muted: true, srcObject: audio });
    await loud.play();
    const watched = codeOf(watch(loud));
    // The loop sees the sound alone.
    await new Promise((resolve) => loud.addEventListener('timeupdate', resolve, { once: true }));
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    audio.addTrack(canvas.captureStream().getVideoTracks()[0] as MediaStreamTrack);
    const timer = setInterval(() => context.putImageData(still, 0, 0), 50);
    const outcomes: Record<string, string> = { 'sound first': await watched };
    clearInterval(timer);

    const idle = document.createElement('video');
    outcomes.aborted = await codeOf(watch(idle, AbortSignal.abort('stop')));
    const controller = new AbortController();
    const aborted = codeOf(watch(idle, controller.signal));
    setTimeout(() => controller.abort('stop'), 20);
    outcomes['aborted later'] = await aborted;
    const broken = codeOf(watch(idle));
    idle.src = '/photos/none.mp4';
    outcomes.broken = await broken;
    const silent = codeOf(watch(document.createElement('video')));
    // The second loop does not start before dispose().
    const late = facenet.watch(document.createElement('video'));
    await facenet.dispose();
    outcomes.disposed = await silent;
    outcomes['started later'] = await codeOf(late.next());
    return outcomes;
  });
  expect(outcomes).toEqual({
    'sound first': 'no error',
    aborted: 'stop',
    'aborted later': 'stop',
    broken: 'image-unreadable',
    disposed: 'disposed',
    'started later': 'disposed',
  });
});
