import type { LibraryFaceNet } from '../model/types.ts';

/** The version of how photos are analysed. A new one lets `add()` index known files again. */
const analysisVersion = 1;

/** What photos are indexed with. A photo with another key is indexed again when its file is added. */
export function indexKey({ models }: LibraryFaceNet): string {
  return [analysisVersion, models.detector, models.landmarker, models.embedder].join(' ');
}

/** Whether a photo was indexed as photos are now, and all of its faces have pictures and embeddings. */
export function isCurrent(
  { key, isIncomplete = false }: { key: string; isIncomplete?: boolean },
  facenet: LibraryFaceNet,
): boolean {
  return key === indexKey(facenet) && !isIncomplete;
}

/** The key of a photo whose faces were embedded again by another embedder. */
export function withEmbedder(key: string, { models }: Pick<LibraryFaceNet, 'models'>): string {
  return [...key.split(' ').slice(0, 3), models.embedder].join(' ');
}
