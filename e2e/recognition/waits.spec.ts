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
  const outcomes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.start();
    let draws = 0;
    const timer = setInterval(() => {
      context.putImageData(still, 0, 0);
      if (++draws === 15) recorder.stop();
    }, 30);
    await stopped;
    clearInterval(timer);
    const url = URL.createObjectURL(new Blob(parts, { type: 'video/webm' }));
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
