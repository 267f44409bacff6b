import { isInstance } from '../../core/brand.ts';
import { FaceNetError } from '../../core/errors.ts';
import { isRefusal, permissionMissing } from '../photos/permission.ts';
import type { FileRow } from '../storage/tables.ts';

/**
 * Reads a file from its handle, or its stored copy.
 *
 * @throws {FaceNetError} `permission-missing`; `image-unreadable` if there is neither, or the file is gone.
 */
export async function openStored({ source, path }: FileRow): Promise<Blob> {
  if (isInstance(source, 'Blob')) return source;
  try {
    const file = await source?.getFile();
    if (file) return file;
  } catch (cause) {
    if (isRefusal(cause)) throw permissionMissing(path, 'resume()', cause);
  }
  throw new FaceNetError(
    'image-unreadable',
    'The page was loaded again and may not read the file any more: add it again.',
  );
}
