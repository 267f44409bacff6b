import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import type { FaceNet as FaceNetClass, LandmarkedFace } from '../../lib/index.ts';
import type { Server } from '../kit/browser.ts';
import { embedImages, type System } from '../kit/lfw/embeddings.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where the faces of all images are kept for the pages that embed them; served under /experiments/. */
export const experimentsFolder = root('.cache/experiments');

/** The person's face of an image, the one in its middle; null where none was found. */
export type MiddleFace = LandmarkedFace | null;

/**
 * Finds the face in the middle of each image with the default preset, once for all experiments, and leaves them in a file for
 * the pages: what is degraded afterwards is the aligned crop, as the paper degraded its face thumbnails.
 *
 * @param addresses by image path.
 */
export async function findFaces(
  browser: Browser,
  server: Server,
  addresses: Map<string, string>,
): Promise<Map<string, MiddleFace>> {
  const system: System<MiddleFace> = {
    name: 'faces',
    identity: fallIdentity(),
    start: startFaces,
    embed: findMiddleFaces,
    options: { library: `${server.url}dist/facenet-web.js`, models: `${server.url}models/` },
  };
  const faces = await embedImages(browser, server, system, addresses);
  mkdirSync(experimentsFolder, { recursive: true });
  const byAddress = [...faces].map(([path, face]) => [addresses.get(path), face]);
  writeFileSync(join(experimentsFolder, 'faces.json'), JSON.stringify(Object.fromEntries(byAddress)));
  return faces;
}

/** What decides faces and embeddings: the manifest, and the sources of the stages and of the engine. What else there is does not. */
export function fallIdentity(): string {
  const hash = createHash('sha256').update(readFileSync(root('public/models/manifest.json')));
  const stages = ['lib/image', 'lib/detection', 'lib/landmarks', 'lib/alignment', 'lib/embedding'];
  const engine = ['lib/runtime/engine', 'assembly'];
  const files = [...stages, ...engine].flatMap((folder) =>
    readdirSync(root(folder)).map((file) => `${folder}/${file}`),
  );
  for (const file of [...files, 'lib/runtime/preprocess.ts'].sort()) {
    hash.update(readFileSync(root(file)));
  }
  return hash.digest('hex');
}

/** Runs in the page. */
async function startFaces(options: never): Promise<void> {
  const { library, models } = options as { library: string; models: string };
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, { facenet: await FaceNet.load({ models, worker: false }) });
}

/** Runs in the page. */
async function findMiddleFaces({ addresses }: { addresses: string[] }): Promise<MiddleFace[]> {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const digits = (value: number) => Math.round(value * 1000) / 1000;
  const results: MiddleFace[] = [];
  for (const address of addresses) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const faces = await facenet.detect(bitmap, { thorough: false });
    const fromCentre = ({ box }: (typeof faces)[number]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
    if (face) {
      const { landmarks, ...rest } = await facenet.landmarks(bitmap, face);
      const points = landmarks.points.map(({ x, y }) => ({ x: digits(x), y: digits(y) }));
      results.push({ ...rest, landmarks: { ...landmarks, points } });
    } else results.push(null);
    bitmap.close();
  }
  return results;
}
