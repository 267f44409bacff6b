import type { Page } from 'playwright';
import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { heapBytes } from '../kit/memory.ts';
import { indexPhotos, makeOriginals, openIndexing } from './indexing-page.ts';

/** The size of the photos whose number per minute is measured: 12 megapixels. */
const largeSize = [4000, 3000] as const;
/** The size of the photos whose memory is measured: many are indexed. */
const smallSize = [320, 240] as const;

/** The photos that a preset indexes per minute, by the number of threads. @param photos the number of photos of a measurement. */
export async function measureThroughput({ browser, server }: BrowserSession, photos: number): Promise<string> {
  const page = await openPage(browser, server);
  await definePageFunctions(page, { openIndexing });
  await page.evaluate(makeOriginals, largeSize);
  const rows: string[][] = [];
  for (const preset of ['balanced', 'library']) {
    for (const threads of [1, 2]) {
      const used = await page.evaluate(([preset, threads]) => openIndexing(preset, threads), [
        preset,
        threads,
      ] as const);
      // The first photos compile the networks.
      await page.evaluate(indexPhotos, 2);
      const { milliseconds, faces, photos: indexed } = await page.evaluate(indexPhotos, photos);
      const perMinute = (60_000 * indexed) / milliseconds;
      rows.push([preset, String(used), perMinute.toFixed(0), (faces / indexed).toFixed(1)]);
    }
  }
  await page.close();
  return markdownTable(['preset', 'threads', 'photos per minute', 'faces per photo'], rows);
}

/** The memory of a page and its worker while it indexes many photos, in ten parts. */
export async function measureIndexMemory({ browser, server }: BrowserSession, photos: number): Promise<string> {
  const page = await openPage(browser, server);
  await definePageFunctions(page, { openIndexing });
  await page.evaluate(makeOriginals, smallSize);
  await page.evaluate(([preset, threads]) => openIndexing(preset, threads), ['library', 1] as const);
  await page.evaluate(indexPhotos, 2);
  const rows: string[][] = [];
  let [indexed, faces] = [0, 0];
  for (let part = 0; part < 10; part++) {
    const { peak, result } = await withPeak(page, () => page.evaluate(indexPhotos, Math.ceil(photos / 10)));
    indexed += result.photos;
    faces += result.faces;
    const held = await heapBytes(page, { collected: true });
    rows.push([indexed.toLocaleString('en'), faces.toLocaleString('en'), megabytes(peak), megabytes(held)]);
  }
  await page.close();
  return markdownTable(['photos', 'faces', 'peak of this tenth, MB', 'after garbage collection, MB'], rows);
}

/** Runs a task and samples the memory meanwhile. */
async function withPeak<T>(page: Page, task: () => Promise<T>): Promise<{ peak: number; result: T }> {
  let peak = 0;
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      peak = Math.max(peak, await heapBytes(page, { collected: false }));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  const result = await task();
  isDone = true;
  await sampling;
  return { peak, result };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
