import { defineFilm } from '../support/film.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

test('ends each wait for an image that never loads: on abort, on its error and after 30 seconds', {
  tag: '@page',
}, async ({ page }) => {
  await page.clock.install();
  await loadFast(page);
  let fail: (() => void) | undefined;
  await page.route('**/pending.jpg?*', (route) => {
    if (route.request().url().endsWith('failing')) fail = () => route.abort();
  });
  await page.evaluate(() => {
    const load = (name: string) => Object.assign(new Image(), { src: `/pending.jpg?${name}` });
    const controller = new AbortController();
    const aborted = codeOf(facenet.detect(load('aborted'), { signal: controller.signal }));
    const failing = codeOf(facenet.detect(load('failing')));
    const silent = facenet.detect(load('silent'));
    silent.catch(() => {});
    Object.assign(globalThis, { waits: { controller, aborted, failing, silent } });
  });
  const outcome = (name: 'aborted' | 'failing' | 'silent') =>
    page.evaluate((name) => {
      const { waits } = globalThis as unknown as { waits: Record<typeof name, Promise<string>> };
      return waits[name].catch(({ message }) => message);
    }, name);
  await page.evaluate(() => {
    (globalThis as unknown as { waits: { controller: AbortController } }).waits.controller.abort('stop');
  });
  expect(await outcome('aborted')).toBe('stop');
  await expect.poll(() => fail).toBeDefined();
  fail?.();
  expect(await outcome('failing')).toBe('image-unreadable');
  await page.clock.runFor(31_000);
  expect(await outcome('silent')).toContain('within 30 seconds');
  await page.evaluate(() => facenet.dispose());
});

test('reads a paused video as soon as it has data, whether it is shown, hidden or outside the document', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  await defineFilm(page);
  const outcomes = await page.evaluate(async () => {
    const url = await recordFilm();
    const outcomes: string[] = [];
    for (let round = 0; round < 9; round++) {
      const video = document.createElement('video');
      if (round % 3 > 0) document.body.append(video);
      video.hidden = round % 3 === 1;
      video.src = url;
      await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
      outcomes.push(await codeOf(facenet.detect(video, quick)));
      video.remove();
    }
    return outcomes;
  });
  expect(outcomes).toEqual(Array(9).fill('no error'));
});

test('waits for the picture of a video that loads, seeks or has only sound yet, until an abort or 3 seconds', {
  tag: '@page',
}, async ({ page }) => {
  await loadFast(page);
  await defineFilm(page);
  const outcomes = await page.evaluate(async () => {
    const detect = (video: HTMLVideoElement, signal?: AbortSignal) =>
      codeOf(facenet.detect(video, { ...quick, ...(signal && { signal }) }));
    const outcomes: Record<string, string> = {};
    const film = Object.assign(document.createElement('video'), { src: await recordFilm() });
    outcomes.loading = await detect(film);
    film.currentTime = 0.2;
    outcomes.seeking = await detect(film);
    const audio = new AudioContext().createMediaStreamDestination().stream;
    const loud = Object.assign(document.createElement('video'), { muted: true, srcObject: audio });
    await loud.play();
    outcomes.aborted = await detect(loud, AbortSignal.timeout(50));
    const start = performance.now();
    outcomes['sound only'] = await detect(loud);
    if (performance.now() - start < 2900) throw new Error('the picture was not waited for');
    const waiting = detect(loud);
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    audio.addTrack(canvas.captureStream().getVideoTracks()[0] as MediaStreamTrack);
    const timer = setInterval(() => context.putImageData(still, 0, 0), 50);
    outcomes['sound first'] = await waiting;
    clearInterval(timer);
    outcomes.idle = await detect(document.createElement('video'));
    outcomes.broken = await detect(Object.assign(document.createElement('video'), { src: '/photos/none.mp4' }));
    await facenet.dispose();
    return outcomes;
  });
  expect(outcomes).toEqual({
    loading: 'no error',
    seeking: 'no error',
    aborted: expect.stringContaining('TimeoutError'),
    'sound only': 'video-not-ready',
    'sound first': 'no error',
    idle: 'video-not-ready',
    broken: 'image-unreadable',
  });
});
