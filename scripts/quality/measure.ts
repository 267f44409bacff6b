import type { Page } from 'playwright';
import type { EmbeddedFace, FaceNet as FaceNetClass, Quality, QualityAdvice } from '../../lib/index.ts';
import { definePageFunctions } from '../kit/browser.ts';
import { centralFace, fetchBitmap } from '../kit/lfw/page-functions.ts';
import { type Alteration, type alter, alterationFunctions } from './alterations.ts';

/** The quality of a face, and its advice. */
export interface Assessment {
  quality: Quality;
  advice: QualityAdvice['code'][];
}

/** Loads facenet-web in the page, and the functions of this module. */
export async function startPage(page: Page, base: string): Promise<void> {
  await definePageFunctions(page, { ...alterationFunctions, centralFace, fetchBitmap, assess });
  await page.evaluate(async (url) => {
    const library = (await import(`${url}dist/facenet-web.js`)) as {
      FaceNet: typeof FaceNetClass;
      qualityAdvice: PageGlobals['qualityAdvice'];
    };
    const facenet = await library.FaceNet.load({ models: `${url}models/` });
    Object.assign(globalThis, { facenet, qualityAdvice: library.qualityAdvice });
  }, base);
}

/** Assesses the central face of photos, each altered. @returns undefined for a photo in which the face is not found. */
export function assessPhotos(
  page: Page,
  addresses: readonly string[],
  alteration: Alteration,
): Promise<(Assessment | undefined)[]> {
  return page.evaluate(
    async ({ list, name }) => {
      const results: (Assessment | undefined)[] = [];
      for (const [i, address] of list.entries()) results.push(await assess(address, name, i));
      return results;
    },
    { list: [...addresses], name: alteration },
  );
}

/** The globals of the page. */
interface PageGlobals {
  facenet: FaceNetClass;
  qualityAdvice: (quality: Quality) => QualityAdvice[];
  alter: typeof alter;
}

/** Runs in the page: the quality of the central face of a photo, after the photo was altered. */
async function assess(address: string, alteration: Alteration, style: number): Promise<Assessment | undefined> {
  const { facenet, qualityAdvice, alter } = globalThis as unknown as PageGlobals;
  const photo = await fetchBitmap(address);
  const original = centralFace(await facenet.embed(photo), photo);
  let face: EmbeddedFace | undefined = original;
  if (original && alteration !== 'unchanged') {
    const { canvas, scale } = await alter(photo, alteration, original, style);
    const found = centralFace(await facenet.embed(canvas, { minSize: 10 }), canvas);
    const isSame = found && Math.abs(found.box.width / scale / original.box.width - 1) < 0.5;
    face = isSame ? found : undefined;
  }
  photo.close();
  return face && { quality: face.quality, advice: qualityAdvice(face.quality).map(({ code }) => code) };
}
