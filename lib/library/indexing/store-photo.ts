import { strangerRating } from '../../comparison/conditional.ts';
import { corrected, flag } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { isPoor } from '../people/poor-faces.ts';
import { settlePeople } from '../people/settle-people.ts';
import { successorsOf } from '../people/successors.ts';
import type { AnalysedPhoto } from '../photos/analyse.ts';
import { requireEmbeddingsOf, requireModel } from '../session/require-model.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FaceRow, type FileRow, handleOf, type ImageRow, type PhotoRow } from '../storage/tables.ts';
import { isSameVersion } from './file-version.ts';
import { keepOrphan, leavePhoto, limitOrphans } from './orphans.ts';
import { retireFaces } from './retire-photo.ts';

/** Stores that a file has the bytes of a known photo. */
export async function storeDuplicate(session: LibrarySession, file: FileRow, photo: PhotoRow): Promise<void> {
  const former = await leavePhoto(session, file, { now: photo.number, isKnown: true });
  // The file that it was indexed from has other contents.
  const moved = keepOrphan(session, photo.number) ? [{ ...photo, path: file.path }] : [];
  await session.commit({
    files: { put: [await indexedRow(session, file, photo.number)] },
    photos: { put: [...former, ...moved] },
  });
  await limitOrphans(session);
}

/**
 * Stores an analysed photo in one transaction. If it was indexed before, it keeps its number, and the faces at the same places keep
 * theirs, with their people, constraints and what can be undone.
 *
 * @param known the photo with the same bytes, indexed with other models or options.
 * @returns the numbers of its faces.
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
  const { meta, store, state } = session;
  const number = known?.number ?? meta.next.photo;
  if (known) keepOrphan(session, number);
  else session.meta = { ...meta, next: { ...meta.next, photo: number + 1 } };
  const former = await leavePhoto(session, file, { now: number, isKnown: known !== undefined });
  const { width, height, orientation, preview, taken, key } = analysed;
  const time = taken ?? file.modified;
  const before = (await store.getAll('faces', known?.faces ?? [])).filter((row) => row !== undefined);
  const people = new Set(before.map((face) => state.columns.person[face.number] as number));
  const found = describedFaces(session, number, analysed);
  const successors = successorsOf({ ...(known ?? analysed), faces: before }, { ...analysed, faces: found });
  const kept = new Map<number, number>();
  for (const [face, index] of successors) if (index !== undefined) kept.set(index, face);
  const edit = new Edit(state);
  const faces = found.map((face, i) => ({
    ...face,
    number: storeFace(session, edit, face, { time, order: orderOf(id), former: kept.get(i) }),
  }));
  const lost = before.filter((face) => successors.get(face.number) === undefined);
  const retired = await retireFaces(session, edit, lost, new Map(lost.map((face) => [face.number, undefined])));
  settlePeople(edit, people);
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
  const crops = analysed.crops.map((crop, i): ImageRow => ({ number: photo.faces[i] as number, ...crop }));
  await session.commitReplaced([...kept.values()], {
    ...retired,
    ...edit.changes(),
    files: { put: [await indexedRow(session, file, number)] },
    photos: { put: [photo, ...former] },
    faces: { put: [...faces, ...(retired.faces?.put ?? [])] },
    crops: { ...retired.crops, put: crops },
    previews: preview ? { put: [{ number, ...preview }] } : { remove: [number] },
  });
  await limitOrphans(session);
  return photo.faces;
}

/** The rows of the faces of a photo, with their indices in place of their numbers. */
function describedFaces({ generation }: LibrarySession, photo: number, { faces }: AnalysedPhoto): FaceRow[] {
  return faces.map(({ box, roll, score, quality, embedding, model }, number) => ({
    number,
    photo,
    box,
    roll,
    score,
    quality: quality.overall,
    ...strangerRating({ quality }),
    embedding,
    model,
    generation,
  }));
}

/**
 * Puts a face into the columns.
 *
 * @param former its number, if its photo was indexed before. It stays in its person until the next grouping of all, unless its quality
 *   is too low now.
 * @returns its number.
 */
function storeFace(
  { state: { columns }, options, rating }: LibrarySession,
  edit: Edit,
  face: FaceRow,
  { time, order, former }: { time: number; order: number; former: number | undefined },
): number {
  const poor = isPoor(face, options.minQuality, rating) ? flag.poor : 0;
  if (former === undefined) return columns.append({ photo: face.photo, time, order, person: 0, flags: poor });
  const decided = (columns.flags[former] as number) & corrected;
  const isGrouped = poor === 0 || (decided & flag.kept) !== 0;
  columns.setTime(former, time);
  edit.assign(former, isGrouped ? (columns.person[former] as number) : 0, decided | poor);
  return former;
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
