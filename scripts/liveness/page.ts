import type { Box, FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Liveness as LivenessClass, PassiveScore } from '../../lib/liveness/index.ts';
import { type Presentation, rephotograph } from './rephotograph.ts';

/** The scores of a face. */
export interface ScoredFace extends PassiveScore {
  /** The index of the photo. */
  photo: number;
  box: Box;
  /** The height of the eyes over their width; Human does not measure it. */
  openness?: number;
}

/** Runs in the page once. */
export async function startLiveness({ url }: { url: string }): Promise<void> {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const { Liveness, eyeAspectRatio } = (await import(
    `${url}dist/liveness.js`
  )) as typeof import('../../lib/liveness/index.ts');
  const models = `${url}models/`;
  const [facenet, liveness] = [await FaceNet.load({ models }), await Liveness.load({ models })];
  Object.assign(globalThis, { facenet, liveness, eyeAspectRatio });
}

/** Runs in the page: scores every face of some photos after a presentation. */
export async function scoreInPage(given: { addresses: string[]; presentation: Presentation }): Promise<ScoredFace[]> {
  const { facenet, liveness, eyeAspectRatio } = globalThis as unknown as {
    facenet: FaceNetClass;
    liveness: LivenessClass;
    eyeAspectRatio: typeof import('../../lib/liveness/index.ts').eyeAspectRatio;
  };
  const scored: ScoredFace[] = [];
  for (const [photo, address] of given.addresses.entries()) {
    const original = await createImageBitmap(await (await fetch(address)).blob());
    const picture = await rephotograph(original, given.presentation);
    const faces = await facenet.detect(picture, { thorough: false });
    for (const { box, landmarks } of await facenet.landmarks(picture, faces)) {
      const score = await liveness.score(picture, { box });
      scored.push({ ...score, photo, box, openness: eyeAspectRatio(landmarks) });
    }
    picture.close();
    original.close();
  }
  return scored;
}

/** Runs in a page of its own, because two copies of TensorFlow.js share globals: starts Human with its two networks. */
export async function startHuman({ url }: { url: string }): Promise<void> {
  const { Human } = await import(`${url}human/dist/human.esm.js`);
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: `${url}tfjs-wasm/`,
    modelBasePath: `${url}human/models/`,
    cacheSensitivity: 0,
    face: {
      detector: { maxDetected: 20 },
      iris: off,
      emotion: off,
      description: off,
      antispoof: { enabled: true },
      liveness: { enabled: true },
    },
    ...Object.fromEntries(['body', 'hand', 'object', 'gesture', 'segmentation', 'filter'].map((name) => [name, off])),
  });
  Object.assign(globalThis, { human });
}

/** Runs in the page: Human's scores of the faces that it finds. */
export async function scoreWithHuman({ addresses }: { addresses: string[] }): Promise<ScoredFace[]> {
  const { human } = globalThis as unknown as {
    human: {
      detect(image: HTMLImageElement): Promise<{
        face: { box: [x: number, y: number, width: number, height: number]; real?: number; live?: number }[];
      }>;
    };
  };
  const scored: ScoredFace[] = [];
  for (const [photo, address] of addresses.entries()) {
    const image = new Image();
    image.src = address;
    await image.decode();
    for (const { box, real = 0, live = 0 } of (await human.detect(image)).face) {
      const [x, y, width, height] = box;
      scored.push({ photo, box: { x, y, width, height }, antispoof: real, liveness: live });
    }
  }
  return scored;
}
