import type { LibraryFaceNet } from '../model/types.ts';

/** The version of how photos are analysed. A new one lets `add()` index known files again. */
const analysisVersion = 1;

/** What photos are indexed with. `CheckedOptions` satisfies it. */
export interface Indexer {
  facenet: Pick<LibraryFaceNet, 'models'>;
  /** How faces are searched for. */
  detect: { thorough?: boolean; minSize?: number };
}

/** The number of words of a key that name the analysis and the models. */
const modelWords = 4;

/**
 * What photos are indexed with: the version of the analysis, the models and the options of the search. A photo with another key is
 * indexed again when its file is added. Earlier builds did not note the options.
 *
 * @param detect Default: not noted, as in keys of earlier builds.
 */
export function indexKey({ models }: Indexer['facenet'], detect?: Indexer['detect']): string {
  const words = [analysisVersion, models.detector, models.landmarker, models.embedder];
  if (!detect) return words.join(' ');
  const { thorough, minSize } = detect;
  return [...words, JSON.stringify({ thorough, minSize })].join(' ');
}

/** Whether a photo with a key was indexed as photos are now. One whose key lacks the options of the search may have been. */
export function isSameKey(key: string, { facenet, detect }: Indexer): boolean {
  return key === indexKey(facenet, detect) || key === indexKey(facenet);
}

/** Whether a photo was indexed as photos are now, and all of its faces have pictures and embeddings. */
export function isCurrent(
  { key, isIncomplete = false }: { key: string; isIncomplete?: boolean },
  indexer: Indexer,
): boolean {
  return isSameKey(key, indexer) && !isIncomplete;
}

/** The key of a photo whose faces were embedded again by another embedder. */
export function withEmbedder(key: string, { models }: Indexer['facenet']): string {
  const words = key.split(' ');
  return [...words.slice(0, modelWords - 1), models.embedder, ...words.slice(modelWords)].join(' ');
}
