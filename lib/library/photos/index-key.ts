import type { LibraryFaceNet } from '../model/types.ts';

/** The version of how photos are analysed. A new one lets `add()` index known files again. */
const analysisVersion = 1;

/** What photos are indexed with. A photo with another key is indexed again when its file is added. */
export function indexKey({ models }: LibraryFaceNet): string {
  return [analysisVersion, models.detector, models.landmarker, models.embedder].join(' ');
}

/** The key of a photo whose faces were embedded again by another embedder. */
export function withEmbedder(key: string, { models }: LibraryFaceNet): string {
  return [...key.split(' ').slice(0, 3), models.embedder].join(' ');
}
