import { isCurrent } from '../photos/index-key.ts';
import { isRefusal, permissionMissing } from '../photos/permission.ts';
import type { ListedFile } from '../photos/sources.ts';
import type { LibrarySession } from '../session/session.ts';
import { handleOf, type PhotoRow } from '../storage/tables.ts';

/** The number of photos to read at once. */
const batchSize = 500;

/** The photos that are indexed again when their files are added. */
export async function* outdatedPhotos(
  { store, options }: LibrarySession,
  signal?: AbortSignal,
): AsyncGenerator<PhotoRow> {
  for (let from = 0; ; ) {
    signal?.throwIfAborted();
    const photos = await store.list('photos', { from, limit: batchSize });
    const last = photos.at(-1);
    if (!last) return;
    from = last.number + 1;
    yield* photos.filter((photo) => !isCurrent(photo, options));
  }
}

/**
 * A file of each outdated photo that can be read by its handle, as if it was added again. Files that wait are left out.
 *
 * @throws {FaceNetError} `permission-missing` at the end, if the user has to allow that files are read.
 */
export async function* outdatedFiles(session: LibrarySession): AsyncGenerator<ListedFile> {
  let refused: { path: string; cause: unknown } | undefined;
  for await (const { number } of outdatedPhotos(session)) {
    const files = await session.store.list('files', { by: 'photo', from: number, to: number });
    for (const { state, path, source } of files) {
      const handle = handleOf(source);
      if (state !== 'done' || !handle) continue;
      try {
        yield { path, file: await handle.getFile(), handle };
        break;
      } catch (cause) {
        if (isRefusal(cause)) refused ??= { path, cause };
      }
    }
  }
  if (refused) throw permissionMissing(refused.path, 'resume()', refused.cause);
}
