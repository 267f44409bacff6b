import { strangerRating } from '../../comparison/conditional.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { EmbeddedFace } from '../../core/types.ts';
import { flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { isPoor } from '../people/poor-faces.ts';
import { withEmbedder } from '../photos/index-key.ts';
import { discardGraph } from '../session/discard-graph.ts';
import { embedderOf } from '../session/embedder.ts';
import { checkFar } from '../session/options.ts';
import type { LibrarySession } from '../session/session.ts';
import { isEmbeddedBy, isSameEmbedder } from '../storage/embedder.ts';
import type { FaceRow } from '../storage/tables.ts';
import { embedCrop, type Target } from './embed-crop.ts';

/** The number of faces to read at once. */
const batchSize = 100;

/** The number of faces in a row with unreadable crops that stops an update: then the cause is the browser rather than the crops. */
const maxUnreadable = 3;

/** The highest number of stored photos to change in one transaction. */
const photosPerCommit = 500;

/**
 * Embeds all faces again with the FaceNet's model from their crops, and groups them again. A face without a crop, or in whose crop
 * the landmarks are not found, gets an embedding that is near no other. It is not grouped any more unless a correction keeps it,
 * and its photo is indexed again when its file is added. An update that was interrupted goes on where it stopped.
 *
 * Other changes may be made between two batches. Until all faces are embedded again, the library's rule, graph and generation are
 * those of the embedder before. Call it in {@link LibrarySession.updates}.
 *
 * @returns the number of faces that were embedded again.
 * @throws {FaceNetError} `model-mismatch` if the FaceNet changes to another embedder meanwhile; `image-unreadable` if the crops of
 *   several faces in a row cannot be read; `option-invalid` if its calibration lacks the library's `far`.
 */
export async function updateEmbeddings(
  session: LibrarySession,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  session.requireOpen();
  if (!session.outdated) return 0;
  const target = await session.exclusively(() => startUpdate(session));
  // No face is added until the update ends: add() needs the FaceNet's embedder, and an import waits.
  const total = session.state.columns.size;
  let embedded = 0;
  for (let from = 0; from < total; ) {
    const { faces, next, stoppedBy } = await embedBatch(session, target, { from, total }, signal);
    embedded += await session.exclusively(() => storeFaces(session, target, faces, stoppedBy));
    if (stoppedBy) throw unreadableCrops(stoppedBy.error);
    from = next;
    onProgress?.(Math.min(from, total), total);
  }
  await session.exclusively(async () => {
    await changeEmbedder(session, target);
    await markPhotos(session, target);
  });
  const group = async () => {
    if (!session.isGraphLoaded) return false;
    await session.regroup(signal);
    const { updating: _, ...meta } = session.meta;
    session.meta = meta;
    await session.commit({});
    return true;
  };
  await session.untilGraphIsLoaded(() => session.exclusively(group), signal);
  return embedded;
}

/** The faces of a batch that were embedded again. */
interface Batch {
  faces: FaceRow[];
  /** The first face of the next batch. */
  next: number;
  /** The faces in a row that stop the update, and why the last of them cannot be read. They are not among the others. */
  stoppedBy?: { faces: readonly number[]; error: FaceNetError };
}

/**
 * Embeds the faces of a batch again that are not of the update's embedder yet. If crops at its end cannot be read, the next batch begins
 * with them, because they may be the first of several in a row.
 */
async function embedBatch(
  session: LibrarySession,
  target: Target,
  { from, total }: { from: number; total: number },
  signal: AbortSignal,
): Promise<Batch> {
  const { generation } = target;
  const end = from + batchSize;
  // Those that stopped an update before must not stop this one, too.
  const known = new Set(session.meta.updating?.unreadable);
  const faces: FaceRow[] = [];
  let unreadable: FaceRow[] = [];
  try {
    for (const face of await session.store.list('faces', { from, limit: batchSize })) {
      await yieldToEventLoop(signal);
      if (isEmbeddedBy(generation, face) || session.state.columns.has(face.number, flag.removed)) continue;
      const crop = await session.store.get('crops', face.number);
      const embedded = crop && (await embedCrop(session.options.facenet, target, { face, crop }, signal));
      if (embedded instanceof FaceNetError && !known.has(face.number)) {
        unreadable.push(face);
        if (unreadable.length < maxUnreadable) continue;
        const numbers = unreadable.map(({ number }) => number);
        return { faces, next: from, stoppedBy: { faces: numbers, error: embedded } };
      }
      faces.push(...unreadable.map((each) => rowOf(each, target, undefined)), rowOf(face, target, embedded));
      unreadable = [];
    }
  } catch (error) {
    // It may have failed because the library was closed meanwhile.
    session.requireOpen();
    throw error;
  }
  const [first] = unreadable;
  if (first && end < total) return { faces, next: first.number };
  return { faces: [...faces, ...unreadable.map((each) => rowOf(each, target, undefined))], next: end };
}

/** The row of a face that was embedded again. One without an embedding gets zeros, which are near no other. */
function rowOf(
  { strangerSimilarity: _, strangerModel: __, ...face }: FaceRow,
  { rule, generation }: Target,
  embedded: EmbeddedFace | FaceNetError | undefined,
): FaceRow {
  const unknown = { ...face, embedding: new Float32Array(rule.dimension), model: rule.model, generation };
  // The similarity to strangers is of the embedder, too.
  if (!embedded || embedded instanceof FaceNetError) return unknown;
  return { ...unknown, embedding: embedded.embedding, ...strangerRating(embedded) };
}

function unreadableCrops(cause: FaceNetError): FaceNetError {
  return new FaceNetError(
    'image-unreadable',
    `The stored crops of ${maxUnreadable} faces in a row could not be read, perhaps because memory is short: call update() again. It goes on where it stopped, and leaves these faces out if it cannot read their crops then either.`,
    { cause },
  );
}

/** Notes that the embeddings will be of several embedders until the update ends. */
async function startUpdate(session: LibrarySession): Promise<Target> {
  const { meta, options, generation } = session;
  const { updating, next } = meta;
  const { rule, identity, models } = options.facenet;
  checkFar(options.far, rule);
  const embedder = embedderOf({ rule, identity });
  // Faces may have the number of any earlier update that was stopped.
  const unused = next.generation ?? Math.max(generation, updating?.generation ?? 0) + 1;
  const numberOf = () => {
    if (isSameEmbedder(embedder, embedderOf(meta))) return generation;
    if (updating && isSameEmbedder(embedder, updating)) return updating.generation;
    return unused;
  };
  const number = numberOf();
  const unreadable = updating && isSameEmbedder(embedder, updating) ? updating.unreadable : undefined;
  session.meta = {
    ...meta,
    next: { ...next, generation: Math.max(unused, number + 1) },
    updating: { ...embedder, generation: number, ...(unreadable && { unreadable }) },
  };
  await session.commit({});
  return { rule, identity, models, generation: number };
}

/**
 * Stores faces that were embedded again, but for those that were removed meanwhile, and notes which photos lack an embedding, and which
 * crops stop the update.
 *
 * @returns the number of faces.
 */
async function storeFaces(
  session: LibrarySession,
  { rule }: Target,
  embedded: readonly FaceRow[],
  stoppedBy: Batch['stoppedBy'],
): Promise<number> {
  const { state, store, options } = session;
  const faces = embedded.filter(({ number }) => !state.columns.has(number, flag.removed));
  const edit = new Edit(state);
  for (const face of faces) {
    const flags = (state.columns.flags[face.number] as number) & ~flag.poor;
    const poor = isPoor(face, options.minQuality, rule.calibration) ? flag.poor : 0;
    edit.assign(face.number, state.columns.person[face.number] as number, flags | poor);
  }
  const lacking = faces.filter(({ embedding }) => embedding.every((value) => value === 0));
  const photos = await store.getAll('photos', [...new Set(lacking.map(({ photo }) => photo))]);
  const incomplete = photos.filter((photo) => photo !== undefined).map((photo) => ({ ...photo, isIncomplete: true }));
  const { updating, ...meta } = session.meta;
  if (stoppedBy && updating) {
    const unreadable = [...(updating.unreadable ?? []), ...stoppedBy.faces];
    session.meta = { ...meta, updating: { ...updating, unreadable } };
  }
  await session.commit({ ...edit.changes(), faces: { put: faces }, photos: { put: incomplete } });
  return faces.length;
}

/**
 * The embeddings are of the FaceNet's embedder from now on. The neighbour graph is computed again, also if that was the embedder
 * before a stopped update: the embeddings of crops differ from those of photos, and faces without a crop have lost theirs.
 */
async function changeEmbedder(session: LibrarySession, { rule, identity, generation }: Target): Promise<void> {
  session.meta = { ...session.meta, rule, identity, generation, grouped: 0 };
  await session.commit({ graph: await discardGraph(session) });
  await session.forgetGraph();
}

/** Photos are not indexed again for the new embedder when their files are added. */
async function markPhotos(session: LibrarySession, target: Target): Promise<void> {
  for (let from = 0; ; ) {
    const photos = await session.store.list('photos', { from, limit: photosPerCommit });
    const last = photos.at(-1);
    if (!last) return;
    from = last.number + 1;
    await session.commit({
      photos: { put: photos.map((photo) => ({ ...photo, key: withEmbedder(photo.key, target) })) },
    });
  }
}
