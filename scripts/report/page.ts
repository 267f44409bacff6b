import type { FaceNet as FaceNetClass, Quality } from '../../lib/index.ts';
import type { System } from '../kit/lfw/embed-images.ts';
import { startFaceNet, startOptions } from '../kit/lfw/facenet.ts';
import { centralFace, fetchBitmap, pageFunctions, roundedEmbedding } from '../kit/lfw/page-functions.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';

/** The face nearest to the centre of a photo. */
export interface CentralFace {
  embedding: number[];
  quality: Quality;
}

/** The result for a photo. */
export type PhotoResult = CentralFace | 'no-face' | 'unreadable';

/** The preset of a recipe, for photos that may be unreadable. @param url the server's. */
export function reportSystem(url: string, recipe: Recipe): System<PhotoResult> {
  return {
    name: `facenet-web-${recipe.name}`,
    identity: recipe.identity,
    functions: pageFunctions,
    start: startFaceNet,
    embed: embedPhotosInPage,
    options: startOptions(url, recipe),
  };
}

/** Runs in the page. */
async function embedPhotosInPage({ addresses }: { addresses: string[] }): Promise<PhotoResult[]> {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const results: PhotoResult[] = [];
  for (const address of addresses) {
    const bitmap = await fetchBitmap(address).catch(() => undefined);
    if (!bitmap) {
      results.push('unreadable');
      continue;
    }
    const face = centralFace(await facenet.detect(bitmap, { thorough: false }), bitmap);
    if (face) {
      const { embedding, quality } = await facenet.embed(bitmap, face);
      results.push({ embedding: roundedEmbedding(embedding), quality });
    } else results.push('no-face');
    bitmap.close();
  }
  return results;
}
