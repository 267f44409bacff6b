import { FaceNetError } from '../../core/errors.ts';
import { indexKey } from '../photos/index-key.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FileRow, handleOf } from '../storage/tables.ts';

/** How often indexing a file may end the page or the worker before it counts as failed. */
const maxAttempts = 5;

/** The error of a file that has no attempt left; undefined if it has. */
export function lastAttemptError({ attempts }: FileRow): FaceNetError | undefined {
  if (attempts < maxAttempts) return undefined;
  return new FaceNetError(
    'worker-lost',
    `Indexing this file ended the page or the worker ${maxAttempts} times: convert it to a smaller JPEG file, and add that.`,
  );
}

/** Counts an attempt before it begins, because it may end the page. @returns the file as it is stored. */
export async function storeAttempt(session: LibrarySession, file: FileRow): Promise<FileRow> {
  const attempted = { ...file, attempts: file.attempts + 1 };
  await storeFile(session, attempted);
  return attempted;
}

/** Takes back an attempt that said nothing about the file. If that cannot be stored either, the attempt counts. */
export async function takeBackAttempt(session: LibrarySession, file: FileRow): Promise<void> {
  await storeFile(session, { ...file, attempts: file.attempts - 1 }).catch(() => {});
}

/** Stores why a file failed, whose attempts count this failure. A stored copy is removed; a handle can be read again. */
export async function storeFailure(
  session: LibrarySession,
  { source, ...file }: FileRow,
  { code, message }: FaceNetError,
): Promise<void> {
  const handle = handleOf(source);
  const failed = { ...file, state: 'failed', reason: { code, message } } as const;
  const lostWith = code === 'worker-lost' ? indexKey(session.options.facenet) : undefined;
  await storeFile(session, { ...failed, ...(lostWith && { lostWith }), ...(handle && { source: handle }) });
}

function storeFile(session: LibrarySession, file: FileRow): Promise<void> {
  return session.exclusively(() => session.commit({ files: { put: [file] } }));
}
