import { intersectionOverUnion } from '../../core/overlap.ts';
import { flag } from '../people/columns.ts';
import { dropEmptyPeople } from '../people/corrections.ts';
import type { Edit } from '../people/edit.ts';
import type { LibrarySession } from '../session/session.ts';
import type { Change } from '../storage/store.ts';
import type { FaceRow, FileRow, PhotoRow } from '../storage/tables.ts';

/** Boxes that overlap by more than this, as intersection over union, are of one face. */
const minOverlap = 0.5;

/** The photo that a file had before and that no other file has. @param now the file's photo from now on, if it is known. */
export async function formerPhoto(session: LibrarySession, file: FileRow, now?: number): Promise<PhotoRow | undefined> {
  if (file.photo === undefined || file.photo === now) return undefined;
  const others = await session.store.list('files', { by: 'photo', from: file.photo, to: file.photo, limit: 2 });
  return others.some(({ number }) => number !== file.number) ? undefined : session.store.get('photos', file.photo);
}

/**
 * Removes a photo with its faces. Their embeddings are overwritten, and their numbers are not used again.
 *
 * @param successors the faces of the photo that replaces it: those at the same places take over people and constraints.
 */
export async function retirePhoto(
  session: LibrarySession,
  edit: Edit,
  photo: PhotoRow,
  successors: readonly FaceRow[] = [],
): Promise<Change> {
  const { columns } = session.state;
  const rows = (await session.store.getAll('faces', photo.faces)).filter((row) => row !== undefined);
  const people = new Set<number>();
  for (const row of rows) {
    const successor = successors.find(({ box }) => intersectionOverUnion(box, row.box) > minOverlap);
    if (successor) takeOver(edit, row.number, successor.number);
    people.add(columns.person[row.number] as number);
    edit.assign(row.number, 0, flag.removed);
  }
  dropEmptyPeople(edit, people);
  return {
    photos: { remove: [photo.number] },
    previews: { remove: [photo.number] },
    crops: { remove: photo.faces },
    faces: { put: rows.map((row) => ({ ...row, embedding: new Float32Array(row.embedding.length) })) },
  };
}

/** Gives a face the person and the constraints of another. */
function takeOver(edit: Edit, from: number, to: number): void {
  const { columns, constraints, people } = edit.state;
  const decided = (columns.flags[from] as number) & (flag.kept | flag.notAFace);
  const poor = (columns.flags[to] as number) & flag.poor;
  edit.assign(to, decided & flag.kept ? (columns.person[from] as number) : 0, decided | poor);
  for (const row of [...constraints.values()]) {
    if (row.kind !== 'not-person' || row.a !== from) continue;
    edit.remove(row);
    edit.add(row.kind, to, row.b);
  }
  for (const { number, cover } of [...people.values()]) if (cover === from) edit.setPerson(number, { cover: to });
}
