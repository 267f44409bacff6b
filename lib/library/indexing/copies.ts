import { isInstance } from '../../core/brand.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FileRow, handleOf } from '../storage/tables.ts';

/** The files of this page that were copied into the library's storage. */
const copied = new WeakSet<Blob>();

/**
 * Stores the rows of files. If there is too little space for copies of the files, this page can index them without copies.
 *
 * @param opened the waiting files of this page.
 */
export async function commitFiles(
  session: LibrarySession,
  put: readonly FileRow[],
  opened: ReadonlyMap<number, File>,
): Promise<void> {
  const copies = put.map(({ source }) => source).filter((source) => isInstance(source, 'Blob'));
  if (await haveSpace(copies, opened)) {
    try {
      await session.commit({ files: { put } });
      for (const copy of copies) copied.add(copy);
      return;
    } catch (error) {
      if (!(error instanceof FaceNetError && error.code === 'storage-full')) throw error;
    }
  }
  await session.commit({ files: { put: put.map(withoutCopy) } });
}

/**
 * Whether there is space for copies. With those of this page's waiting files they may take half of the space that is free without them:
 * crops, previews and a gallery need some, too. If the browser gives no estimate, there is space until storing fails.
 */
async function haveSpace(copies: readonly Blob[], opened: ReadonlyMap<number, File>): Promise<boolean> {
  if (copies.length === 0) return true;
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {};
  if (quota === undefined || usage === undefined) return true;
  const waiting = sizeOf([...opened.values()].filter((file) => copied.has(file)));
  return waiting + sizeOf(copies) <= (quota - usage + waiting) / 2;
}

function sizeOf(files: readonly Blob[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function withoutCopy({ source, ...row }: FileRow): FileRow {
  const handle = handleOf(source);
  return { ...row, ...(handle && { source: handle }) };
}
