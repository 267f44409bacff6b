import type { FaceNet as FaceNetClass, LandmarkedFace } from '../../lib/index.ts';
import type { HeadExample } from '../../lib/training/index.ts';
import { withPage } from '../kit/browser.ts';
import { samplePhotos } from '../kit/paths.ts';

/** The size of a photo, and the faces found in it. */
export interface DrawnPhoto {
  width: number;
  height: number;
  faces: LandmarkedFace[];
}

/** The data of the figures: geometry and embeddings, no pixels. */
export interface SampleFaces {
  photo: DrawnPhoto;
  /** Every face of the sample photos in several states, from unchanged to strongly degraded. */
  examples: HeadExample[];
  /** The number of states; the first is the unchanged face. */
  states: number;
}

/** Runs the library on the sample photos. */
export function readSampleFaces(): Promise<SampleFaces> {
  return withPage({ folders: { '/photos': samplePhotos } }, async (page, { server }) => {
    const { photo, examples, states } = await page.evaluate(embedSamples, server.url);
    return {
      photo,
      states,
      examples: examples.map((example) => ({ ...example, embedding: Float32Array.from(example.embedding) })),
    };
  });
}

/** Runs in the page. */
async function embedSamples(url: string) {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${url}models/`, worker: false });
  const states = ['none', 'brightness(0.25)', 'blur(3px)', 'blur(2px) brightness(0.35)', 'contrast(0.3)', 'blur(4px)'];
  const examples: { person: string; model: string; embedding: number[] }[] = [];
  let photo = { width: 0, height: 0, faces: [] as LandmarkedFace[] };
  for (let number = 1; number <= 6; number++) {
    const bitmap = await createImageBitmap(await (await fetch(`${url}photos/sample${number}.jpg`)).blob());
    const faces = await facenet.landmarks(bitmap, await facenet.detect(bitmap, { thorough: false }));
    // Keep the photo with the most faces.
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
