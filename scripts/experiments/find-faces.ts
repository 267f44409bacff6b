import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceNet as FaceNetClass, LandmarkedFace } from '../../lib/index.ts';
import type { BrowserSession } from '../kit/browser.ts';
import { embedImages, type System } from '../kit/lfw/embed-images.ts';
import { centralFace, fetchBitmap, pageFunctions } from '../kit/lfw/page-functions.ts';
import { repositoryPath } from '../kit/paths.ts';

/** The folder of faces.json, from which pages read the faces of all images; served under /experiments/. */
export const experimentsFolder = repositoryPath('.cache/experiments');

/** The face of an image that is nearest to its centre; null if none was found. */
export type CentralFace = LandmarkedFace | null;

/**
 * Finds the central face of each image and its landmarks in two passes, and writes them into faces.json. Experiments degrade the
 * aligned crops of these faces, as the paper degrades its face thumbnails.
 *
 * @param addresses the URL of each image, by path.
 */
export async function findFaces(session: BrowserSession, addresses: ReadonlyMap<string, string>): Promise<void> {
  const { url } = session.server;
  const system: System<CentralFace> = {
    name: 'faces',
    identity: pipelineHash(),
    functions: pageFunctions,
    start: startFaces,
    embed: findCentralFaces,
    options: { library: `${url}dist/facenet-web.js`, models: `${url}models/` },
  };
  const faces = await embedImages(session, system, addresses);
  mkdirSync(experimentsFolder, { recursive: true });
  const byAddress = [...faces].map(([path, face]) => [addresses.get(path), face]);
  writeFileSync(join(experimentsFolder, 'faces.json'), JSON.stringify(Object.fromEntries(byAddress)));
}

/** A hash of everything that faces and embeddings depend on: the manifest, the stages and the kernels. */
export function pipelineHash(): string {
  const hash = createHash('sha256').update(readFileSync(repositoryPath('public/models/manifest.json')));
  const folders = ['image', 'detection', 'landmarks', 'alignment', 'embedding', 'runtime/kernels'];
  const files = [...folders.map((folder) => `lib/${folder}`), 'assembly'].flatMap((folder) =>
    readdirSync(repositoryPath(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...files, repositoryPath('lib/runtime/preprocess.ts')].sort()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Runs in the page. */
async function startFaces(options: never): Promise<void> {
  const { library, models } = options as { library: string; models: string };
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, { facenet: await FaceNet.load({ models, preset: 'accurate', worker: false }) });
}

/** Runs in the page. */
async function findCentralFaces({ addresses }: { addresses: string[] }): Promise<CentralFace[]> {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  const results: CentralFace[] = [];
  for (const address of addresses) {
    const bitmap = await fetchBitmap(address);
    const face = centralFace(await facenet.detect(bitmap, { thorough: false }), bitmap);
    if (face) {
      const { landmarks, ...rest } = await facenet.landmarks(bitmap, face);
      const points = landmarks.points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) }));
      results.push({ ...rest, landmarks: { ...landmarks, points } });
    } else results.push(null);
    bitmap.close();
  }
  return results;
}
