import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import type { Quality } from '../../../lib/index.ts';
import { openPage, type Server } from '../browser.ts';
import { progressLine } from '../progress.ts';

/** What a system made of an image. */
export interface ImageResult {
  /** The embedding; null when no face was found and the system has no fall-back. */
  embedding: number[] | null;
  /** Whether a face was detected. */
  detected: boolean;
  /** How long the image took, in milliseconds. */
  milliseconds: number;
  /** How well the face lends itself to recognition, where the system tells. */
  quality?: Quality;
}

/** A system that is evaluated: facenet-web in some preset, or a peer. */
export interface System<Result = ImageResult> {
  name: string;
  /** Everything that decides its answers, for the cache to know them by. */
  identity: unknown;
  /** Runs in the page once: loads the system, and leaves it in the page's globals. */
  start: (options: never) => Promise<void>;
  /** Runs in the page, with the options; embeds the images at these addresses. */
  embed: (given: { addresses: string[]; options: never }) => Promise<Result[]>;
  options: unknown;
}

/** As many images as go to a page at once: few enough to show progress, enough to be worth the trip. */
const imagesPerCall = 24;

/**
 * Embeds images, out of a cache where the same system has seen them before; several pages at once if the machine has cores.
 *
 * @param addresses by image path.
 */
export async function embedImages<Result>(
  browser: Browser,
  server: Server,
  system: System<Result>,
  addresses: Map<string, string>,
): Promise<Map<string, Result>> {
  const cache = openCache(system);
  const missing = [...addresses.keys()].filter((path) => !cache.results.has(path));
  if (missing.length > 0) {
    const report = progressLine(system.name, missing.length);
    const queue = chunks(missing, imagesPerCall);
    let done = 0;
    const work = async (page: Page) => {
      await page.evaluate(system.start, system.options as never);
      for (let paths = queue.shift(); paths; paths = queue.shift()) {
        const given = {
          addresses: paths.map((path) => addresses.get(path) as string),
          options: system.options as never,
        };
        const results = await page.evaluate(system.embed, given);
        paths.forEach((path, i) => {
          cache.results.set(path, results[i] as Result);
        });
        done += paths.length;
        report(done);
        cache.save();
      }
    };
    const pages = await Promise.all(
      Array.from({ length: Math.min(cpus().length, queue.length) }, () => openPage(browser, server)),
    );
    await Promise.all(pages.map(work));
    await Promise.all(pages.map((page) => page.close()));
  }
  return new Map([...addresses.keys()].map((path) => [path, cache.results.get(path) as Result]));
}

/** The results that are kept for a system, below .cache/. */
function openCache<Result>({ name, identity }: System<Result>) {
  const key = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  const file = fileURLToPath(new URL(`../../../.cache/evaluation/${name}-${key}.json`, import.meta.url));
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
