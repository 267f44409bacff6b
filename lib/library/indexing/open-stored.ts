import { isInstance } from '../../core/brand.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { FileRow } from '../storage/tables.ts';

/** The names of the errors of a handle whose file may be read once the user allows it. */
const refusals: readonly unknown[] = ['NotAllowedError', 'SecurityError'];

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
    if (refusals.includes((cause as Partial<Error> | undefined)?.name)) {
      throw permissionMissing(path, cause);
    }
  }
  throw new FaceNetError(
    'image-unreadable',
    'The page was loaded again and may not read the file any more: add it again.',
  );
}

/** The error for files that wait for a permission. @param files their paths or number. */
export function permissionMissing(files: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'permission-missing',
    `${files} cannot be read without the permission of the user: call requestPermission() of the handle, or of the handle of its folder, when the user clicks, and then resume().`,
    { cause },
  );
}
