import type { Page } from 'playwright';
import { type BrowserSession, definePageFunctions, openPage } from '../kit/browser.ts';
import { heapBytes, heldTensors } from '../kit/memory.ts';
import { spread } from '../kit/statistics.ts';
import type { Scale } from './report.ts';
import {
  detectInFrames,
  loadFaceNet,
  scaleFunctions,
  timeFaces,
  timeGallery,
  timeSizes,
  timeVideo,
} from './scale-page.ts';

/** The number of frames to process, and the number between two measurements of memory. */
const frames = 2000;
const framesPerSample = 500;

/** The number of measurements of each time. */
const repeats = 3;

/** Measures how the cost of `balanced` grows with faces, pixels, gallery and time. */
export async function measureScale({ browser, server }: BrowserSession): Promise<Scale> {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, server);
    await definePageFunctions(page, scaleFunctions);
    await page.evaluate(loadFaceNet);
    const faces = await page.evaluate(timeFaces, { counts: [1, 2, 5, 10, 20, 30, 50], repeats });
    const sizes = await page.evaluate(timeSizes, { megapixels: [0.3, 1, 2, 5, 12, 24, 48], repeats });
    const gallery = await page.evaluate(timeGallery, { counts: [1e3, 1e4, 1e5, 1e6], repeats });
    const steadiness = await sampleMemory(page);
    const video = await page.evaluate(timeVideo, 8000);
    const middle = (values: number[]) => spread(values).median;
    return {
      faces: faces.map(({ times, ...row }) => ({ ...row, ms: middle(times) })),
      sizes: sizes.map(({ times, decodings, ...row }) => ({
        ...row,
        ms: middle(times),
        decodingMs: middle(decodings),
      })),
      gallery: gallery.map(({ times, embeddings }) => ({ embeddings, perSecond: (1000 * embeddings) / middle(times) })),
      steadiness,
      video,
    };
  } finally {
    await context.close();
  }
}

async function sampleMemory(page: Page): Promise<Scale['steadiness']> {
  const samples: Scale['steadiness'] = [];
  const sample = async (processed: number) =>
    samples.push({
      frames: processed,
      tensors: await heldTensors(page),
      bytes: await heapBytes(page, { collected: true }),
    });
  await page.evaluate(detectInFrames, 100);
  await sample(0);
  for (let processed = framesPerSample; processed <= frames; processed += framesPerSample) {
    await page.evaluate(detectInFrames, framesPerSample);
    await sample(processed);
  }
  return samples;
}
