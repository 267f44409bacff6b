import { cpus } from 'node:os';
import type { Page } from 'playwright';
import type { Quality } from '../../../lib/index.ts';
import { type BrowserSession, definePageFunctions, openPage, type PageFunctions } from '../browser.ts';
import { repositoryPath } from '../paths.ts';
import { progressLine } from '../progress.ts';
import { contentKeys, openCache } from './image-cache.ts';

/** A system's result for one image. */
export interface ImageResult {
  /** The embedding; null if no face was found and the system has no fall-back. */
  embedding: number[] | null;
  /** Whether a face was detected. */
  detected: boolean;
  /** The time that the image took. */
  milliseconds: number;
  /** The quality of the face, if the system measures it. */
  quality?: Quality;
}

/** A system that runs in a page: facenet-web with a preset, or a peer. */
export interface System<Result = ImageResult> {
  name: string;
  /** Everything that its results depend on besides the images: the cache key. */
  identity: unknown;
  /** Functions of the page that `start` and `embed` call. */
  functions?: PageFunctions;
  /** Runs in the page once: loads the system and stores it in the page's globals. */
  start: (options: never) => Promise<void>;
  /** Runs in the page: embeds the images at these URLs. */
  embed: (given: { addresses: string[]; options: never }) => Promise<Result[]>;
  /** The argument of `start` and `embed`, as JSON. */
  options: unknown;
}

/** The number of images of one call to a page: a compromise between progress reports and overhead. */
const imagesPerCall = 24;

/**
 * Embeds images with {@link embedUncached}. Results are cached in .cache/evaluation/ by {@link System.identity}, and by the path and
 * the contents of each image.
 *
 * @param addresses the URL of each image on the session's server, by its path.
 * @param folder where results are cached.
 * @returns the results by path.
 * @throws {Error} if an image is missing.
 */
export async function embedImages<Result>(
  session: BrowserSession,
  system: System<Result>,
  addresses: ReadonlyMap<string, string>,
  folder = repositoryPath('.cache/evaluation'),
): Promise<Map<string, Result>> {
  const keys = await contentKeys(session.server.url, addresses);
  const keyOf = (path: string) => keys.get(path) as string;
  const cache = openCache(system, folder);
  const missing = new Map([...addresses].filter(([path]) => !cache.results.has(keyOf(path))));
  try {
    await embedUncached(session, system, missing, (results) => {
      for (const [path, result] of results) cache.results.set(keyOf(path), result);
      cache.save();
    });
  } finally {
    if (missing.size > 0) cache.save(true);
  }
  return new Map([...addresses.keys()].map((path) => [path, cache.results.get(keyOf(path)) as Result]));
}

/**
 * Embeds images, on one page per processor core. Stores nothing.
 *
 * @param addresses the URL of each image, by its path.
 * @param onResults called with the results of a few images at a time, by path.
 * @returns the results by path, in the order of `addresses`.
 */
export async function embedUncached<Result>(
  session: BrowserSession,
  system: System<Result>,
  addresses: ReadonlyMap<string, string>,
  onResults: (results: ReadonlyMap<string, Result>) => void = () => {},
): Promise<Map<string, Result>> {
  const all = new Map<string, Result>();
  const queue = chunks([...addresses], imagesPerCall);
  const report = progressLine(system.name, addresses.size);
  const work = async (page: Page) => {
    await definePageFunctions(page, system.functions ?? {});
    await page.evaluate(system.start, system.options as never);
    for (let images = queue.shift(); images; images = queue.shift()) {
      const urls = images.map(([, address]) => address);
      const list = await page.evaluate(system.embed, { addresses: urls, options: system.options as never });
      const results = new Map(images.map(([path], i) => [path, list[i] as Result]));
      for (const [path, result] of results) all.set(path, result);
      report(all.size);
      onResults(results);
    }
  };
  const count = Math.min(cpus().length, queue.length);
  const pages = await Promise.all(Array.from({ length: count }, () => openPage(session.browser, session.server)));
  await Promise.all(pages.map(work));
  await Promise.all(pages.map((page) => page.close()));
  return new Map([...addresses.keys()].map((path) => [path, all.get(path) as Result]));
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
