import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { heapBytes } from '../kit/memory.ts';
import { loadFaceNet, scaleFunctions, timeFaces, timeSizes } from './scale-page.ts';

/** The memory of a page and its worker after photos of one kind. */
export interface MemoryPeak {
  photo: string;
  /** The heaps and buffers that the garbage collector has not freed yet: close to the peak. */
  bytes: number;
}

/** The numbers of faces in 1280×960 pixels, and the sizes of JPEG files with one face, in megapixels. */
const faceCounts = [1, 10, 50];
const megapixels = [12, 48];

/** Measures `balanced` in its worker, each kind of photo in a page of its own, twice after warming up. */
export async function measureMemory({ browser, server }: BrowserSession): Promise<MemoryPeak[]> {
  const peaks: MemoryPeak[] = [];
  const measure = async (photo: string, run: (page: Awaited<ReturnType<typeof openPage>>) => Promise<unknown>) => {
    const context = await browser.newContext();
    try {
      const page = await openPage(context, server);
      await definePageFunctions(page, scaleFunctions);
      await page.evaluate(loadFaceNet);
      await run(page);
      peaks.push({ photo, bytes: await heapBytes(page, { collected: false }) });
    } finally {
      await context.close();
    }
  };
  for (const count of faceCounts) {
    await measure(`${count} face${count === 1 ? '' : 's'}, 1280×960`, (page) =>
      page.evaluate(timeFaces, { counts: [count], repeats: 2 }),
    );
  }
  for (const size of megapixels) {
    await measure(`1 face, ${size} megapixels`, (page) => page.evaluate(timeSizes, { megapixels: [size], repeats: 2 }));
  }
  return peaks;
}
