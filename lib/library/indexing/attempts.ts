import { FaceNetError } from '../../core/errors.ts';
import { indexKey } from '../photos/index-key.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FileRow, handleOf } from '../storage/tables.ts';
import { isQueued, isSameVersion } from './file-version.ts';

/** How often indexing a file may end the page or the worker before it counts as failed. */
const maxAttempts = 5;

/** How often a file is read or decoded before it counts as failed. */
const maxReads = 2;

/** The error of a file that has no attempt left; undefined if it has. */
export function lastAttemptError({ attempts }: FileRow): FaceNetError | undefined {
  if (attempts < maxAttempts) return undefined;
  return new FaceNetError(
    'worker-lost',
    `Indexing this file ended the page or the worker ${maxAttempts} times: convert it to a smaller JPEG file, and add that.`,
  );
}

/**
 * Whether a file that could not be read or decoded waits for another attempt, in which it is indexed alone: both fail for a moment
 * when memory is short.
 */
export function isReadAgain({ attempts }: FileRow, { code }: FaceNetError): boolean {
  return code === 'image-unreadable' && attempts < maxReads;
}

/**
 * Counts an attempt before it begins, because it may end the page.
 *
 * @returns the file as it is stored; undefined if it was removed with its photo.
 */
export function storeAttempt(session: LibrarySession, file: FileRow): Promise<FileRow | undefined> {
  return session.exclusively(async () => {
    // It may have been added again or removed since the queue was read.
    const present = await session.store.get('files', file.number);
    if (!present) return undefined;
    const attempted = { ...present, attempts: present.attempts + 1 };
    await session.commit({ files: { put: [attempted] } });
    return attempted;
  });
}

/** Takes back an attempt that said nothing about the file. If that cannot be stored either, the attempt counts. */
export async function takeBackAttempt(session: LibrarySession, file: FileRow): Promise<void> {
  await changeRow(session, file, (row) => ({ ...row, attempts: row.attempts - 1 })).catch(() => {});
}

/** Stores why a file failed, whose attempts count this failure. A stored copy is removed; a handle can be read again. */
export function storeFailure(session: LibrarySession, file: FileRow, { code, message }: FaceNetError): Promise<void> {
  const lostWith = code === 'worker-lost' ? indexKey(session.options.facenet, session.options.detect) : undefined;
  return changeRow(session, file, ({ source, ...row }) => {
    const handle = handleOf(source);
    const failed = { ...row, state: 'failed', reason: { code, message } } as const;
    return { ...failed, ...(lostWith && { lostWith }), ...(handle && { source: handle }) };
  });
}

/** Changes the row of a file, unless it was added again with other contents meanwhile: then the new ones wait. */
function changeRow(session: LibrarySession, file: FileRow, change: (row: FileRow) => FileRow): Promise<void> {
  return session.exclusively(async () => {
    const present = await session.store.get('files', file.number);
    if (!present || !isQueued(present) || !isSameVersion(present, file)) return;
    await session.commit({ files: { put: [change(present)] } });
  });
}
