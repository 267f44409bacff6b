import { strangerRating } from '../../comparison/conditional.ts';
import { flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { isPoor } from '../people/poor-faces.ts';
import type { AnalysedPhoto } from '../photos/analyse.ts';
import { requireEmbeddingsOf, requireModel } from '../session/require-model.ts';
import type { LibrarySession } from '../session/session.ts';
import type { Change } from '../storage/store.ts';
import { type FaceRow, type FileRow, handleOf, type ImageRow, type PhotoRow } from '../storage/tables.ts';
import { isSameVersion } from './file-version.ts';
import { keepOrphan, leavePhoto, limitOrphans, replaceInOrphans } from './orphans.ts';
import { retirePhotos } from './retire-photo.ts';

/** Stores that a file has the bytes of a known photo. */
export async function storeDuplicate(session: LibrarySession, file: FileRow, photo: PhotoRow): Promise<void> {
  const former = await leavePhoto(session, file, { now: photo.number });
  // The file that it was indexed from has other contents.
  const moved = keepOrphan(session, photo.number) ? [{ ...photo, path: file.path }] : [];
  await session.commit({
    files: { put: [await indexedRow(session, file, photo.number)] },
    photos: { put: [...former, ...moved] },
  });
  await limitOrphans(session);
}

/**
 * Stores an analysed photo in one transaction. If it was indexed with other models before, the faces at the same places keep their
 * people and constraints.
 *
 * @param known the photo with the same bytes, indexed with other models.
 * @returns the numbers of the new faces.
 * @throws {FaceNetError} `model-mismatch` for embeddings of another model than the library's.
 */
export async function storePhoto(
  session: LibrarySession,
  file: FileRow,
  { id, analysed, known }: { id: string; analysed: AnalysedPhoto; known: PhotoRow | undefined },
): Promise<number[]> {
  // The FaceNet may have changed since the photo was analysed.
  requireModel(session);
  requireEmbeddingsOf(session.rule, analysed.faces);
  const { state, meta } = session;
  const number = meta.next.photo;
  session.meta = { ...meta, next: { ...meta.next, photo: number + 1 } };
  if (known) replaceInOrphans(session, known.number, number);
  const former = await leavePhoto(session, file, { now: known?.number, successor: number });
  const { width, height, orientation, preview, taken, key } = analysed;
  const time = taken ?? file.modified;
  const faces = addFaces(session, { number, id, time }, analysed);
  const photo: PhotoRow = {
    number,
    id,
    path: file.path,
    width,
    height,
    time,
    taken: taken !== undefined,
    orientation,
    faces: faces.map((face) => face.number),
    key,
  };
  const edit = new Edit(state);
  const replacement = { width, height, faces, hasSameBytes: true };
  const retired: Change = await retirePhotos(session, edit, known ? [known] : [], replacement);
  const sharing = known ? await session.store.list('files', { by: 'photo', from: known.number, to: known.number }) : [];
  const crops = analysed.crops.map((crop, i): ImageRow => ({ number: photo.faces[i] as number, ...crop }));
  await session.commit({
    ...retired,
    ...edit.changes(),
    files: { put: [...sharing.map((row) => ({ ...row, photo: number })), await indexedRow(session, file, number)] },
    photos: { put: [photo, ...former], ...retired.photos },
    faces: { put: [...faces, ...(retired.faces?.put ?? [])] },
    crops: { put: crops, ...retired.crops },
    previews: { put: preview ? [{ number, ...preview }] : [], ...retired.previews },
  });
  await limitOrphans(session);
  return photo.faces;
}

function addFaces(
  { state, options, rating, generation }: LibrarySession,
  photo: { number: number; id: string; time: number },
  { faces }: AnalysedPhoto,
): FaceRow[] {
  return faces.map(({ box, roll, score, quality, embedding, model }) => {
    const described = {
      box,
      roll,
      score,
      quality: quality.overall,
      ...strangerRating({ quality }),
      embedding,
      model,
      generation,
    };
    const number = state.columns.append({
      photo: photo.number,
      time: photo.time,
      order: orderOf(photo.id),
      person: 0,
      flags: isPoor(described, options.minQuality, rating) ? flag.poor : 0,
    });
    return { number, photo: photo.number, ...described };
  });
}

/** The first 32 bits of a photo's id. */
export function orderOf(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16);
}

/**
 * The row of a file whose contents are indexed. A stored copy is no longer needed; a handle can show the photo again. A file that
 * was added again meanwhile, with other contents, waits for them to be indexed.
 */
async function indexedRow({ store }: LibrarySession, file: FileRow, photo: number): Promise<FileRow> {
  const present = (await store.get('files', file.number)) ?? file;
  if (!isSameVersion(present, file)) return { ...present, state: 'changed', photo };
  const { source, reason: _, ...row } = present;
  const handle = handleOf(source);
  return { ...row, state: 'done', attempts: 0, photo, ...(handle && { source: handle }) };
}
