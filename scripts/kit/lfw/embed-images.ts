import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Page } from 'playwright';
import type { Quality } from '../../../lib/index.ts';
import { type BrowserSession, definePageFunctions, openPage, type PageFunctions } from '../browser.ts';
import { repositoryPath } from '../paths.ts';
import { progressLine } from '../progress.ts';

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
  /** Everything that its results depend on: the cache key. */
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
 * Embeds images, on one page per processor core. Results are cached in .cache/evaluation/ by {@link System.identity}.
 *
 * @param addresses the URL of each image, by its path.
 * @returns the results by path.
 */
export async function embedImages<Result>(
  session: BrowserSession,
  system: System<Result>,
  addresses: ReadonlyMap<string, string>,
): Promise<Map<string, Result>> {
  const cache = openCache(system);
  const missing = [...addresses.keys()].filter((path) => !cache.results.has(path));
  if (missing.length > 0) {
    const report = progressLine(system.name, missing.length);
    const queue = chunks(missing, imagesPerCall);
    let done = 0;
    const work = async (page: Page) => {
      await definePageFunctions(page, system.functions ?? {});
      await page.evaluate(system.start, system.options as never);
      for (let paths = queue.shift(); paths; paths = queue.shift()) {
        const urls = paths.map((path) => addresses.get(path) as string);
        const results = await page.evaluate(system.embed, { addresses: urls, options: system.options as never });
        paths.forEach((path, i) => {
          cache.results.set(path, results[i] as Result);
        });
        done += paths.length;
        report(done);
        cache.save();
      }
    };
    const count = Math.min(cpus().length, queue.length);
    const pages = await Promise.all(Array.from({ length: count }, () => openPage(session.browser, session.server)));
    await Promise.all(pages.map(work));
    await Promise.all(pages.map((page) => page.close()));
  }
  return new Map([...addresses.keys()].map((path) => [path, cache.results.get(path) as Result]));
}

/** The cached results of a system, in one file below .cache/. */
function openCache<Result>({ name, identity }: System<Result>) {
  const key = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  const file = repositoryPath(`.cache/evaluation/${name}-${key}.json`);
  const results = new Map<string, Result>(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Result>) : [],
  );
  let saved = Date.now();
  const save = (always = false) => {
    if (!always && Date.now() - saved < 10_000) return;
    saved = Date.now();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(results)));
  };
  process.once('exit', () => save(true));
  return { results, save };
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
