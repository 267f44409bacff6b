import { definePageFunctions, openPage, type Server, withProfile } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { heapBytes } from '../kit/memory.ts';
import { fillLibrary, loadModels, openFilled, openStudy } from './opening-page.ts';

/** The number of faces of one import. */
const batch = 10_000;

/** The heads of the table. */
const heads = [
  'faces',
  'open, ms',
  '100 people, ms',
  '100 photos of a person, ms',
  '100 photos of a time range, ms',
  'memory, MB',
];

/**
 * The time to open a library in IndexedDB on the disk, and to read pages of results, with the memory that the page has more than
 * before. The page is a new one: nothing of the library is in its memory.
 */
export async function measureOpening(server: Server, faces: number): Promise<string> {
  return withProfile(async (context) => {
    const open = async () => {
      const page = await openPage(context, server);
      await definePageFunctions(page, { fillLibrary, openStudy });
      await page.evaluate(loadModels);
      return page;
    };
    const filling = await open();
    for (let first = 0; first < faces; first += batch) {
      await filling.evaluate(([first, count]) => fillLibrary(first, count), [
        first,
        Math.min(batch, faces - first),
      ] as const);
    }
    await filling.close();
    const page = await open();
    const before = await heapBytes(page, { collected: true });
    const { faces: counted, ...times } = await page.evaluate(openFilled);
    const memory = (await heapBytes(page, { collected: true })) - before;
    const cells = [times.open, times.people, times.page, times.timeRange].map((time) => time.toFixed(0));
    return markdownTable(heads, [[counted.toLocaleString('en'), ...cells, (memory / 1e6).toFixed(1)]]);
  });
}
