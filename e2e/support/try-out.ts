import type { Page, Route } from 'playwright/test';
import type { SentLoadOptions } from './loaded.ts';

/** Loads the preset `fast`, embeds a photo of one face and disposes. Returns the outcome, or the error of the library. */
export function tryOut(page: Page, options: SentLoadOptions = {}) {
  return page.evaluate(async (options) => {
    try {
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
      const faces = await facenet.embed(await facePhoto(), quick);
      const { backend, execution, models } = facenet;
      await facenet.dispose();
      const embedding = [...(faces[0]?.embedding ?? [])];
      return { faces: faces.length, embedding, backend, execution, models };
    } catch (error) {
      if (!(error instanceof library.FaceNetError)) throw error;
      return { code: error.code, message: error.message };
    }
  }, options);
}

/** Answers a request with a changed copy of the server's answer. */
export async function fulfilChanged(route: Route, change: (body: Buffer) => Buffer): Promise<void> {
  const response = await route.fetch();
  const headers = { ...response.headers() };
  delete headers['content-length'];
  await route.fulfill({ response, headers, body: change(await response.body()) });
}
