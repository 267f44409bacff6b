import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { flag } from '../people/columns.ts';
import { faceInStoredCrop } from '../photos/analyse.ts';
import { withEmbedder } from '../photos/index-key.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FaceRow } from '../storage/tables.ts';

/** The number of faces to read at once. */
const batchSize = 100;

/** The highest number of stored photos to change in one transaction. */
const photosPerCommit = 500;

/**
 * Embeds all faces again with the FaceNet's model from their crops, and groups them again. A face without a crop, or in whose crop
 * the landmarks are not found, gets an embedding that is near no other. An update that was interrupted begins again.
 *
 * @returns the number of faces that were embedded again.
 */
export async function updateEmbeddings(
  session: LibrarySession,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { store, options, state } = session;
  const { rule, identity } = options.facenet;
  // Embeddings of other files of the same model do not say which of both they are.
  const isRenamed = session.rule.model !== rule.model;
  const total = state.columns.size;
  let embedded = 0;
  for (let from = 0; from < total; from += batchSize) {
    const faces = await store.list('faces', { from, limit: batchSize });
    const changed: FaceRow[] = [];
    for (const face of faces) {
      await yieldToEventLoop(signal);
      const isDone = !session.outdated || (isRenamed && face.model === rule.model);
      if (isDone || state.columns.has(face.number, flag.removed)) continue;
      changed.push(await embedAgain(session, face, signal));
      embedded++;
    }
    await session.commit({ faces: { put: changed } });
    onProgress?.(Math.min(from + batchSize, total), total);
  }
  const graph = await store.list('graph');
  session.meta = { ...session.meta, rule, identity, graphed: 0 };
  session.forgetGraph();
  await session.commit({ graph: { remove: graph.map(({ number }) => number) } });
  await markPhotos(session);
  await session.regroup(signal);
  return embedded;
}

async function embedAgain(
  { store, options }: LibrarySession,
  face: FaceRow,
  signal: AbortSignal | undefined,
): Promise<FaceRow> {
  const { facenet } = options;
  const { rule } = facenet;
  const crop = await store.get('crops', face.number);
  const unknown = { ...face, embedding: new Float32Array(rule.dimension), model: rule.model };
  if (!crop) return unknown;
  const bitmap = await createImageBitmap(new Blob([crop.data], { type: crop.type })).catch(() => undefined);
  if (!bitmap) return unknown;
  try {
    const { embedding, quality } = await facenet.embed(bitmap, faceInStoredCrop(bitmap), { signal });
    const { strangerSimilarity } = quality;
    return { ...unknown, embedding, ...(strangerSimilarity !== undefined && { strangerSimilarity }) };
  } catch (error) {
    if (error instanceof FaceNetError && error.code.startsWith('image-')) return unknown;
    throw error;
  } finally {
    bitmap.close();
  }
}

/** Photos are not indexed again for the new embedder when their files are added. */
async function markPhotos(session: LibrarySession): Promise<void> {
  const { facenet } = session.options;
  for (let from = 0; ; ) {
    const photos = await session.store.list('photos', { from, limit: photosPerCommit });
    const last = photos.at(-1);
    if (!last) return;
    from = last.number + 1;
    await session.commit({
      photos: { put: photos.map((photo) => ({ ...photo, key: withEmbedder(photo.key, facenet) })) },
    });
  }
}
