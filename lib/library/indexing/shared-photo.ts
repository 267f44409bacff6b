import type { LibrarySession } from '../session/session.ts';
import type { FileRow, PhotoRow } from '../storage/tables.ts';

/**
 * The photo that a file leaves to other files, with the path of one of them: the path that it has may be that of the file.
 *
 * @param now the number of the file's photo from now on, if it is known.
 * @returns the photo if its path changes.
 */
export async function renamedPhoto({ store }: LibrarySession, file: FileRow, now?: number): Promise<PhotoRow[]> {
  if (file.photo === undefined || file.photo === now) return [];
  const files = await store.list('files', { by: 'photo', from: file.photo, to: file.photo, limit: 2 });
  const other = files.find(({ number }) => number !== file.number);
  const photo = other && (await store.get('photos', file.photo));
  return photo && photo.path === file.path ? [{ ...photo, path: other.path }] : [];
}
