import type { LibraryFaceNet } from '../model/types.ts';

/** The version of how photos are analysed. A new one lets `add()` index known files again. */
const analysisVersion = 1;

/** What photos are indexed with. `CheckedOptions` satisfies it. */
export interface Indexer {
  facenet: Pick<LibraryFaceNet, 'models' | 'detectionFiles'>;
  /** How faces are searched for. */
  detect: { thorough?: boolean; minSize?: number };
}

/** The number of words of a key that name the analysis and the models. */
const modelWords = 4;

/** The number of digits of a file's SHA-256 in a key, which each photo has: as many as no two files have by chance. */
const digestLength = 16;

/**
 * What photos are indexed with: the version of the analysis, the models, the options of the search and the files of detector and
 * landmarker. A photo with another key is indexed again when its file is added.
 */
export function indexKey({ models, detectionFiles = [] }: Indexer['facenet'], detect: Indexer['detect']): string {
  const { thorough, minSize } = detect;
  const words = [analysisVersion, models.detector, models.landmarker, models.embedder];
  const digests = detectionFiles.map((sha256) => sha256.slice(0, digestLength));
  return [...words, JSON.stringify({ thorough, minSize }), ...(digests.length > 0 ? [digests.join()] : [])].join(' ');
}

/**
 * Whether a photo with a key was indexed as photos are now. Earlier builds noted neither the options of the search nor the files: a photo
 * without them counts as indexed with any.
 */
export function isSameKey(key: string, { facenet, detect }: Indexer): boolean {
  const [words, present] = [key, indexKey(facenet, detect)].map((each) => each.split(' ')) as [string[], string[]];
  return words.length >= modelWords && words.every((word, i) => i >= present.length || word === present[i]);
}

/** Whether a photo was indexed as photos are now, and all of its faces have pictures and embeddings. */
export function isCurrent(
  { key, isIncomplete = false }: { key: string; isIncomplete?: boolean },
  indexer: Indexer,
): boolean {
  return isSameKey(key, indexer) && !isIncomplete;
}

/** The key of a photo whose faces were embedded again by another embedder. */
export function withEmbedder(key: string, { models }: Pick<LibraryFaceNet, 'models'>): string {
  const words = key.split(' ');
  return [...words.slice(0, modelWords - 1), models.embedder, ...words.slice(modelWords)].join(' ');
}
