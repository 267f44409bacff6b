import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { euclideanDistance } from '../../lib/comparison/distance.ts';
import { meanOf, unit } from '../../lib/embedding/vectors.ts';
import { type LabelledPair, photoPath } from '../../lib/evaluation/index.ts';
import type { Manifest } from '../../lib/models/manifest.ts';
import { launchChromium, type Server, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { choosePairs, readPairs } from '../kit/lfw/pairs.ts';
import type { JudgedPair } from '../kit/lfw/summary.ts';
import { type CropEmbeddings, type Degradation, embedDegraded } from './degraded.ts';
import { experimentsFolder, findFaces } from './faces.ts';

/** The ways of embedding an aligned crop: alone, as `fast` does, or with its mirror image, as `balanced` does. */
export type Way = 'fast' | 'balanced';

/** The embeddings of some images, by path; null where no face was found. */
export type Embeddings = ReadonlyMap<string, Float32Array | null>;

/** What every experiment works with. */
export interface Lab {
  pairs: readonly LabelledPair[];
  paths: readonly string[];
  /** The shipped model that all embeddings are of. */
  model: string;
  browser: Browser;
  server: Server;
  /** The images' addresses on the server, by path. */
  addresses: Map<string, string>;
  /** Finds the faces of all images, once, and leaves them in {@link experimentsFolder} for the pages. */
  find(): Promise<unknown>;
  /** The embeddings of all images' aligned crops after a degradation. */
  embed(degradation: Degradation): Promise<Record<Way, Embeddings>>;
}

/** Opens a folder in LFW's layout, does something with it, and closes the browser however that ends. */
export async function withLab<T>(data: string, limit: string | undefined, work: (lab: Lab) => Promise<T>): Promise<T> {
  const pairs = choosePairs(readPairs(data), undefined, limit);
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
  const missing = paths.filter((path) => !existsSync(join(data, 'images', path)));
  if (missing.length > 0) throw new Error(`${missing.length} photos are missing, first images/${missing[0]}.`);
  buildLibrary();
  const server = await serveLibrary({ '/photos': join(data, 'images'), '/experiments': experimentsFolder });
  const browser = await launchChromium();
  const addresses = new Map(paths.map((path) => [path, `/photos/${path}`]));
  let found: Promise<unknown> | undefined;
  const find = () => {
    found ??= findFaces(browser, server, addresses);
    return found;
  };
  try {
    return await work({
      pairs,
      paths,
      model: shippedModel(),
      browser,
      server,
      addresses,
      find,
      async embed(degradation) {
        await find();
        const results = await embedDegraded(browser, server, addresses, degradation);
        return { fast: embeddingsOf(results, 'fast'), balanced: embeddingsOf(results, 'balanced') };
      },
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The protocol's pairs with their distances by some embeddings. */
export function judge(
  pairs: readonly LabelledPair[],
  embeddings: Embeddings,
  others: Embeddings = embeddings,
): JudgedPair[] {
  return pairs.map(({ fold, same, a, b }) => {
    const [pathA, pathB] = [photoPath(a), photoPath(b)];
    const [x, y] = [embeddings.get(pathA), others.get(pathB)];
    return { fold, same, a: pathA, b: pathB, distance: x && y ? euclideanDistance(x, y) : null };
  });
}

function embeddingsOf(results: ReadonlyMap<string, CropEmbeddings>, way: Way): Embeddings {
  return new Map(
    [...results].map(([path, result]) => {
      if (!result) return [path, null];
      const plain = Float32Array.from(result.plain);
      return [path, way === 'fast' ? plain : unit(meanOf([plain, Float32Array.from(result.mirrored)]))];
    }),
  );
}

function shippedModel(): string {
  const file = fileURLToPath(new URL('../../public/models/manifest.json', import.meta.url));
  const { presets } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  return presets?.find(({ name }) => name === 'balanced')?.embedder ?? '';
}
