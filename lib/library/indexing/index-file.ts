import { abortable } from '../../core/cancellation.ts';
import { analysePhoto, readPhoto } from '../photos/analyse.ts';
import { isCurrent } from '../photos/index-key.ts';
import type { PhotoGate } from '../photos/photo-gate.ts';
import { pixelCount } from '../photos/pixel-count.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FileRow, PhotoRow } from '../storage/tables.ts';
import { storeDuplicate, storePhoto } from './store-photo.ts';

/**
 * Finds and embeds the faces of a file, unless the library has its photo, and stores the result. Of files with the same bytes one
 * at a time is indexed.
 *
 * @param source the contents of the file.
 * @param gate that of all files that are indexed at once.
 * @returns the numbers of the photo's faces, also of those that it keeps; undefined if the library had the photo, or the file was removed meanwhile.
 */
export async function indexFile(
  session: LibrarySession,
  file: FileRow,
  source: Blob,
  { gate, signal }: { gate: PhotoGate; signal: AbortSignal },
): Promise<readonly number[] | undefined> {
  const { facenet, detect, previews: preview } = session.options;
  // A file of a network drive or of the cloud may never arrive.
  const { bytes, id } = await abortable(readPhoto(source), signal);
  return gate.oneForEach(id, async () => {
    if (await storeIfKnown(session, file, id)) return undefined;
    const analysed = await gate.withinMemory(pixelCount(bytes), async () => {
      signal.throwIfAborted();
      return analysePhoto(facenet, bytes, source.type, { detect, preview, signal });
    });
    return session.exclusively(async () => {
      if (await isRemoved(session, file)) return undefined;
      // The same photo may be imported by now.
      const known = await photoOf(session, id);
      if (!known || !isCurrent(known, session.options)) return storePhoto(session, file, { id, analysed, known });
      await storeDuplicate(session, file, known);
      return undefined;
    });
  });
}

/** Stores that a file has the bytes of a photo. @returns whether the file need not be indexed: the library has the photo, or it was removed. */
async function storeIfKnown(session: LibrarySession, file: FileRow, id: string): Promise<boolean> {
  const found = await photoOf(session, id);
  if (!found || !isCurrent(found, session.options)) return false;
  return session.exclusively(async () => {
    if (await isRemoved(session, file)) return true;
    // Another file may have been its last one, and replaced it meanwhile.
    const known = await photoOf(session, id);
    if (!known || !isCurrent(known, session.options)) return false;
    await storeDuplicate(session, file, known);
    return true;
  });
}

/** Whether a file was removed with its photo since it was read from the queue. Nothing of it may be stored then. */
async function isRemoved({ store }: LibrarySession, { number }: FileRow): Promise<boolean> {
  return (await store.get('files', number)) === undefined;
}

async function photoOf({ store }: LibrarySession, id: string): Promise<PhotoRow | undefined> {
  const [photo] = await store.list('photos', { by: 'id', from: id, to: id, limit: 1 });
  return photo;
}
