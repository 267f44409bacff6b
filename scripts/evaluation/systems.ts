import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FaceNet as FaceNetClass, LoadOptions } from '../../lib/index.ts';
import type { Manifest } from '../../lib/models/manifest.ts';
import type { ImageResult, System } from './embeddings.ts';

/** How the face of an image is chosen: by detection, or as a fixed crop of its middle. */
export type Protocol = 'detector' | 'centre';

/** What starts facenet-web in a page: the built library's address, and what it is loaded with. */
export interface FaceNetOptions {
  library: string;
  load: LoadOptions;
}

/**
 * facenet-web itself, as it is built. The person of an image is the one in its middle (that is how LFW was made); where no
 * face is found the paper's fall-back serves, a fixed crop of the middle.
 */
export function faceNet(url: string, preset: string, protocol: Protocol): System {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
  const manifest = JSON.parse(read('public/models/manifest.json').toString()) as Manifest;
  // What a distance means does not change an embedding.
  const recipe = manifest.presets?.map(({ calibration: _, ...rest }) => rest).find(({ name }) => name === preset);
  const files = manifest.models.flatMap((model) => model.files.map(({ sha256 }) => sha256));
  const code = createHash('sha256').update(read('dist/facenet-web.js')).digest('hex');
  const options: FaceNetOptions & { protocol: Protocol } = {
    library: `${url}dist/facenet-web.js`,
    load: { models: `${url}models/`, preset },
    protocol,
  };
  return {
    name: `facenet-web-${preset}`,
    identity: [recipe, files, code, protocol],
    start: startFaceNet,
    embed: embedWithFaceNet,
    options,
  };
}

/** Runs in the page. */
export async function startFaceNet(options: never): Promise<void> {
  const { library, load } = options as FaceNetOptions;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, { facenet: await FaceNet.load(load) });
}

/** Runs in the page. */
async function embedWithFaceNet(given: { addresses: string[]; options: never }): Promise<ImageResult[]> {
  const { protocol } = given.options as { protocol: Protocol };
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };

  /** The middle of an LFW image, framed as the mean of LFW's aligned faces lies in it. */
  const centreCrop = (bitmap: ImageBitmap) => {
    const side = 0.472 * bitmap.width;
    const [x, y] = [0.504 * bitmap.width - side / 2, 0.54 * bitmap.height - side / 2];
    return createImageBitmap(bitmap, Math.round(x), Math.round(y), Math.round(side), Math.round(side));
  };

  const results: ImageResult[] = [];
  for (const address of given.addresses) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const start = performance.now();
    // The people of LFW hold their heads upright; where none is found, rolled ones are looked for all the same.
    const faces = protocol === 'centre' ? [] : await facenet.detect(bitmap, { thorough: false });
    const fromCentre = ({ box }: (typeof faces)[number]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
    const { embedding } = face ? await facenet.embed(bitmap, face) : await facenet.embedCrop(await centreCrop(bitmap));
    const milliseconds = performance.now() - start;
    // Six digits are float32's, and a third of the cache's size.
    const digits = [...embedding].map((value) => Number(value.toPrecision(6)));
    results.push({ embedding: digits, detected: face !== undefined, milliseconds });
    bitmap.close();
  }
  return results;
}
