import type { Page } from 'playwright';
import { type BrowserSession, definePageFunctions, openPage, type Server, withProfile } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { heapBytes } from '../kit/memory.ts';
import { processMemory, statesProcessMemory } from '../kit/process-memory.ts';
import { indexPhotos, makeOriginals, openIndexing } from './indexing-page.ts';

/** Photos of 12 megapixels. */
export const largeSize = [4000, 3000] as const;
/** The size of photos of which many are indexed. */
export const smallSize = [320, 240] as const;

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

/** The photos whose memory is measured: their size, and their number. */
export interface MemoryPhotos {
  size: readonly [number, number];
  count: number;
}

/** The memory of a page, its worker and all processes of the browser while it indexes many photos, in ten parts. */
export function measureIndexMemory(server: Server, { size, count }: MemoryPhotos): Promise<string> {
  if (!statesProcessMemory)
    process.stderr.write('This system has no /proc: the memory of processes was not measured.\n');
  return withProfile(async (context, profile) => {
    const page = await openPage(context, server);
    await definePageFunctions(page, { openIndexing });
    await page.evaluate(makeOriginals, size);
    await page.evaluate(([preset, threads]) => openIndexing(preset, threads), ['library', 1] as const);
    await page.evaluate(indexPhotos, 2);
    const rows: string[][] = [];
    let [indexed, faces] = [0, 0];
    for (let part = 0; part < 10; part++) {
      const { peak, result } = await withPeak(page, profile, () => page.evaluate(indexPhotos, Math.ceil(count / 10)));
      indexed += result.photos;
      faces += result.faces;
      const collected = await heapBytes(page, { collected: true });
      const heaps = [peak.heaps, collected].map(megabytes);
      const processes = statesProcessMemory ? [peak.processes, processMemory(profile)].map(megabytes) : [];
      rows.push([indexed.toLocaleString('en'), faces.toLocaleString('en'), ...heaps, ...processes]);
    }
    const heads = ['photos', 'faces', 'heaps: peak of this tenth, MB', 'after garbage collection, MB'];
    const more = statesProcessMemory ? ['all processes: peak, MB', 'after, MB'] : [];
    return markdownTable([...heads, ...more], rows);
  });
}

/** Runs a task and samples the memory of the page's heaps and of the browser's processes meanwhile. */
async function withPeak<T>(
  page: Page,
  profile: string,
  task: () => Promise<T>,
): Promise<{ peak: { heaps: number; processes: number }; result: T }> {
  const peak = { heaps: 0, processes: 0 };
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      peak.heaps = Math.max(peak.heaps, await heapBytes(page, { collected: false }));
      if (statesProcessMemory) peak.processes = Math.max(peak.processes, processMemory(profile));
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
