import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { isPoor } from '../people/poor-faces.ts';
import { faceInStoredCrop } from '../photos/analyse.ts';
import { withEmbedder } from '../photos/index-key.ts';
import { embedderOf } from '../session/embedder.ts';
import type { LibrarySession } from '../session/session.ts';
import { isEmbeddedBy, isSameEmbedder } from '../storage/embedder.ts';
import type { FaceRow } from '../storage/tables.ts';

/** The number of faces to read at once. */
const batchSize = 100;

/** The highest number of stored photos to change in one transaction. */
const photosPerCommit = 500;

/**
 * Embeds all faces again with the FaceNet's model from their crops, and groups them again. A face without a crop, or in whose crop
 * the landmarks are not found, gets an embedding that is near no other. It is not grouped any more unless a correction keeps it,
 * and its photo is indexed again when its file is added. An update that was interrupted goes on where it stopped.
 *
 * @returns the number of faces that were embedded again.
 */
export async function updateEmbeddings(
  session: LibrarySession,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (!session.outdated) return 0;
  const { store, state } = session;
  const generation = await startUpdate(session);
  const total = state.columns.size;
  let embedded = 0;
  for (let from = 0; from < total; from += batchSize) {
    const faces = await store.list('faces', { from, limit: batchSize });
    const changed: FaceRow[] = [];
    for (const face of faces) {
      await yieldToEventLoop(signal);
      if (isEmbeddedBy(generation, face) || state.columns.has(face.number, flag.removed)) continue;
      changed.push({ ...(await embedAgain(session, face, signal)), generation });
    }
    await storeFaces(session, changed);
    embedded += changed.length;
    onProgress?.(Math.min(from + batchSize, total), total);
  }
  await changeEmbedder(session, generation);
  await markPhotos(session);
  await session.regroup(signal);
  const { updating: _, ...meta } = session.meta;
  session.meta = meta;
  await session.commit({});
  return embedded;
}

/** Notes that the embeddings will be of several embedders until the update ends. @returns the number of the FaceNet's. */
async function startUpdate(session: LibrarySession): Promise<number> {
  const { meta, options, generation } = session;
  const { updating, rule, identity, next } = meta;
  const embedder = embedderOf(options.facenet);
  // Faces may have the number of any earlier update that was stopped.
  const unused = next.generation ?? Math.max(generation, updating?.generation ?? 0) + 1;
  const numberOf = () => {
    if (isSameEmbedder(embedder, { model: rule.model, ...identity })) return generation;
    if (updating && isSameEmbedder(embedder, updating)) return updating.generation;
    return unused;
  };
  const number = numberOf();
  session.meta = {
    ...meta,
    next: { ...next, generation: Math.max(unused, number + 1) },
    updating: { ...embedder, generation: number },
  };
  await session.commit({});
  return number;
}

/** Stores faces that were embedded again, and notes which photos lack an embedding. */
async function storeFaces(session: LibrarySession, faces: readonly FaceRow[]): Promise<void> {
  const { state, store, options } = session;
  const { minQuality, facenet } = options;
  const edit = new Edit(state);
  for (const face of faces) {
    const flags = (state.columns.flags[face.number] as number) & ~flag.poor;
    const poor = isPoor(face, minQuality, facenet.rule.calibration) ? flag.poor : 0;
    edit.assign(face.number, state.columns.person[face.number] as number, flags | poor);
  }
  const lacking = faces.filter(({ embedding }) => embedding.every((value) => value === 0));
  const photos = await store.getAll('photos', [...new Set(lacking.map(({ photo }) => photo))]);
  const incomplete = photos.filter((photo) => photo !== undefined).map((photo) => ({ ...photo, isIncomplete: true }));
  await session.commit({ ...edit.changes(), faces: { put: faces }, photos: { put: incomplete } });
}

/** The embeddings are of the FaceNet's embedder from now on. The neighbour graph is computed again. */
async function changeEmbedder(session: LibrarySession, generation: number): Promise<void> {
  if (generation === session.generation) return;
  const { rule, identity } = session.options.facenet;
  const graph = await session.store.list('graph');
  session.meta = { ...session.meta, rule, identity, generation, graphed: 0, grouped: 0 };
  await session.commit({ graph: { remove: graph.map(({ number }) => number) } });
}

async function embedAgain(
  { store, options }: LibrarySession,
  face: FaceRow,
  signal: AbortSignal | undefined,
): Promise<FaceRow> {
  const { facenet } = options;
  const { rule } = facenet;
  const crop = await store.get('crops', face.number);
  // The similarity to strangers is of the embedder, too.
  const { strangerSimilarity: _, ...rest } = face;
  const unknown = { ...rest, embedding: new Float32Array(rule.dimension), model: rule.model };
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
