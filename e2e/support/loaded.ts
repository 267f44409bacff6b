import type { LoadOptions } from '../../lib/index.ts';
import type { Evaluating } from './camera.ts';

declare global {
  /** The FaceNet that {@link loadFast} loads. */
  var facenet: import('../../lib/index.ts').FaceNet;
  /** A photo of one face, for calls with the options {@link quick}. */
  var still: ImageData;
}

/** Loads the preset `fast` into the page, and a photo of one face. */
export async function loadFast(page: Evaluating, options: LoadOptions = {}): Promise<void> {
  await page.evaluate(async (options) => {
    globalThis.still = await facePhoto();
    globalThis.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
  }, options);
}
