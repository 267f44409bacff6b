import type { Abortable } from '../../core/types.ts';
import { Edit } from '../people/edit.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FileRow, Orphan, PhotoRow } from '../storage/tables.ts';
import { type Replacement, retirePhotos } from './retire-photo.ts';

/**
 * The maximum number of orphans. They are in the library's record, which each change writes, with 30 bytes each, and their pictures
 * take space.
 */
const maxOrphans = 1000;

/**
 * Notes that a file has another photo. If the one before has no file any more, it is an orphan: call {@link limitOrphans} once that is
 * stored. Otherwise its path becomes that of another file.
 *
 * @param now the file's photo from now on.
 * @param isKnown whether that photo was in the library already.
 * @returns the photos to store.
 */
export async function leavePhoto(
  session: LibrarySession,
  { number, path, photo }: FileRow,
  { now, isKnown }: { now: number; isKnown: boolean },
): Promise<PhotoRow[]> {
  if (photo === undefined || photo === now) return [];
  const { store, meta } = session;
  const files = await store.list('files', { by: 'photo', from: photo, to: photo, limit: 2 });
  const other = files.find((file) => file.number !== number);
  if (!other) {
    const orphan: Orphan = { photo, successor: now, ...(isKnown && { isKnown }) };
    session.meta = { ...meta, orphans: [...(meta.orphans ?? []), orphan] };
    return [];
  }
  const row = await store.get('photos', photo);
  return row?.path === path ? [{ ...row, path: other.path }] : [];
}

/** Notes that a photo stays: a file has its bytes, or an export has it. @returns whether it was an orphan. */
export function keepOrphan(session: LibrarySession, photo: number): boolean {
  const { meta } = session;
  const { orphans = [] } = meta;
  const left = orphans.filter((orphan) => orphan.photo !== photo);
  if (left.length === orphans.length) return false;
  session.meta = { ...meta, orphans: left };
  return true;
}

/** Removes the oldest orphans, if there are too many. */
export async function limitOrphans(session: LibrarySession): Promise<void> {
  await retireOrphans(session, { left: maxOrphans });
}

/**
 * Removes the photos that no file has, once no file waits that may have their bytes. The faces of the photos that replaced them take
 * over people and constraints. Call it in `exclusively`.
 *
 * @param options `left`: the number of orphans that stay; a signal that ends it between two photos. The others stay orphans.
 * @throws `signal.reason` when aborted.
 */
export async function retireOrphans(
  session: LibrarySession,
  { left = 0, signal }: { left?: number } & Abortable = {},
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const [oldest, ...rest] = session.meta.orphans ?? [];
    if (!oldest || rest.length < left) return;
    const photo = await session.store.get('photos', oldest.photo);
    const replacement = await replacementOf(session, oldest);
    session.meta = { ...session.meta, orphans: rest };
    const edit = new Edit(session.state);
    const retired = photo && (await retirePhotos(session, edit, [photo], replacement));
    await session.commit({ ...retired, ...edit.changes() });
  }
}

async function replacementOf(
  { store }: LibrarySession,
  { successor, isKnown = false }: Orphan,
): Promise<Replacement | undefined> {
  const photo = successor === undefined ? undefined : await store.get('photos', successor);
  if (!photo) return undefined;
  const faces = (await store.getAll('faces', photo.faces)).filter((row) => row !== undefined);
  return { ...photo, faces, isKnown };
}
