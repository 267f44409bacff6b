import type { Evaluating } from './camera.ts';

declare global {
  /** Records a film of {@link still} that lasts about half a second. Returns its URL. */
  var recordFilm: () => Promise<string>;
}

/** Defines {@link recordFilm} in a page that `loadFast` prepared. */
export async function defineFilm(page: Evaluating): Promise<void> {
  await page.evaluate(() => {
    globalThis.recordFilm = async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 192 });
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.putImageData(still, 0, 0);
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
      return URL.createObjectURL(new Blob(parts, { type: 'video/webm' }));
    };
  });
}
