import { isInstance } from '../../core/brand.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { FileRow } from '../storage/tables.ts';

/** Reads a file from its handle, or its stored copy. @throws {FaceNetError} `image-unreadable` without them or the permission. */
export async function openStored({ source }: FileRow): Promise<Blob> {
  if (isInstance(source, 'Blob')) return source;
  const file = await source?.getFile().catch(() => undefined);
  if (file) return file;
  throw new FaceNetError(
    'image-unreadable',
    'The page was loaded again and may not read the file any more: add it again.',
  );
}
