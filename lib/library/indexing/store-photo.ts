import { flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { isPoor } from '../people/poor-faces.ts';
import type { AnalysedPhoto } from '../photos/analyse.ts';
import { indexKey } from '../photos/index-key.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FaceRow, type FileRow, handleOf, type ImageRow, type PhotoRow } from '../storage/tables.ts';
import { isSameVersion } from './file-version.ts';
import { formerPhoto, retirePhotos } from './retire-photo.ts';
import { renamedPhoto } from './shared-photo.ts';

/** Stores that a file has the bytes of a known photo. */
export async function storeDuplicate(session: LibrarySession, file: FileRow, photo: PhotoRow): Promise<void> {
  const former = await formerPhoto(session, file, photo.number);
  const edit = new Edit(session.state);
  const retired = await retirePhotos(session, edit, former ? [former] : []);
  await session.commit({
    ...retired,
    ...edit.changes(),
    files: { put: [await indexedRow(session, file, photo.number)] },
    photos: { put: await renamedPhoto(session, file, photo.number), ...retired.photos },
  });
}

/**
 * Stores an analysed photo in one transaction. If the file had other contents before, or was indexed with other models, the
 * faces at the same places keep their people and constraints.
 *
 * @param known the photo with the same bytes, indexed with other models.
 * @returns the numbers of the new faces.
 */
export async function storePhoto(
  session: LibrarySession,
  file: FileRow,
  { id, analysed, known }: { id: string; analysed: AnalysedPhoto; known: PhotoRow | undefined },
): Promise<number[]> {
  const { state, meta, options } = session;
  const former = [known, await formerPhoto(session, file, known?.number)].filter((row) => row !== undefined);
  const number = meta.next.photo;
  session.meta = { ...meta, next: { ...meta.next, photo: number + 1 } };
  const { width, height, orientation, preview, taken } = analysed;
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
    key: indexKey(options.facenet),
  };
  const edit = new Edit(state);
  const retired = await retirePhotos(session, edit, former, faces);
  const sharing = known ? await session.store.list('files', { by: 'photo', from: known.number, to: known.number }) : [];
  const crops = analysed.crops.map((crop, i): ImageRow => ({ number: photo.faces[i] as number, ...crop }));
  await session.commit({
    ...retired,
    ...edit.changes(),
    files: { put: [...sharing.map((row) => ({ ...row, photo: number })), await indexedRow(session, file, number)] },
    photos: { put: [photo, ...(await renamedPhoto(session, file, known?.number))], ...retired.photos },
    faces: { put: [...faces, ...(retired.faces?.put ?? [])] },
    crops: { put: crops, ...retired.crops },
    previews: { put: preview ? [{ number, ...preview }] : [], ...retired.previews },
  });
  return photo.faces;
}

function addFaces(
  { state, options, rule, generation }: LibrarySession,
  photo: { number: number; id: string; time: number },
  { faces }: AnalysedPhoto,
): FaceRow[] {
  return faces.map(({ box, score, quality, embedding, model }) => {
    const { overall, strangerSimilarity } = quality;
    const similarity = strangerSimilarity === undefined ? {} : { strangerSimilarity };
    const described = { box, score, quality: overall, ...similarity, embedding, model, generation };
    const number = state.columns.append({
      photo: photo.number,
      time: photo.time,
      order: orderOf(photo.id),
      person: 0,
      flags: isPoor(described, options.minQuality, rule.calibration) ? flag.poor : 0,
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
