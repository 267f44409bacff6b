import type { LoadOptions } from '../../lib/index.ts';
import type { Evaluating } from './camera.ts';

declare global {
  /** The FaceNet that {@link loadFast} loads. */
  var facenet: import('../../lib/index.ts').FaceNet;
  /** A photo of one face, for calls with the options {@link quick}. */
  var still: ImageData;
}

/** Load options that can be sent to a page. */
export type SentLoadOptions = Omit<LoadOptions, 'models'> & { models?: string };

/** Loads the preset `fast` into the page, and a photo of one face. */
export async function loadFast(page: Evaluating, options: SentLoadOptions = {}): Promise<void> {
  await page.evaluate(async (options) => {
    globalThis.still = await facePhoto();
    globalThis.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
  }, options);
}
