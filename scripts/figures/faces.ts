import { fileURLToPath } from 'node:url';
import type { FaceNet as FaceNetClass, LandmarkedFace } from '../../lib/index.ts';
import type { HeadExample } from '../../lib/training/index.ts';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';

/** A photo with the faces that were found in it, in its pixels. */
export interface DrawnPhoto {
  width: number;
  height: number;
  faces: LandmarkedFace[];
}

/** What the figures are drawn from: geometry and embeddings, no pixels. */
export interface SampleFaces {
  photo: DrawnPhoto;
  /** Every face of the sample photos, each in several states from clear to hardly recognisable. */
  examples: HeadExample[];
  /** How many states each face is in; the first is the face as it is. */
  states: number;
}

/** Runs the library on the sample photos that come with its dependencies. */
export async function readSampleFaces(): Promise<SampleFaces> {
  const photos = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo', import.meta.url));
  const server = await serveLibrary({ '/photos': photos });
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    const { photo, examples, states } = await page.evaluate(run, server.url);
    return {
      photo,
      states,
      examples: examples.map((example) => ({ ...example, embedding: Float32Array.from(example.embedding) })),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page. */
async function run(url: string) {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${url}models/`, worker: false });
  const states = ['none', 'brightness(0.25)', 'blur(3px)', 'blur(2px) brightness(0.35)', 'contrast(0.3)', 'blur(4px)'];
  const examples: { person: string; model: string; embedding: number[] }[] = [];
  let photo = { width: 0, height: 0, faces: [] as LandmarkedFace[] };
  for (let number = 1; number <= 6; number++) {
    const bitmap = await createImageBitmap(await (await fetch(`${url}photos/sample${number}.jpg`)).blob());
    const faces = await facenet.landmarks(bitmap, await facenet.detect(bitmap, { thorough: false }));
    // The one that shows most people.
    if (faces.length > photo.faces.length) photo = { width: bitmap.width, height: bitmap.height, faces };
    for (const [i, face] of faces.entries()) {
      const crop = await createImageBitmap(await facenet.align(bitmap, face));
      for (const state of states) {
        const canvas = new OffscreenCanvas(crop.width, crop.height);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        context.filter = state;
        context.drawImage(crop, 0, 0);
        const { model, embedding } = await facenet.embedCrop(canvas);
        examples.push({ person: `photo ${number}, face ${i}`, model, embedding: [...embedding] });
      }
    }
  }
  return { photo, examples, states: states.length };
}
