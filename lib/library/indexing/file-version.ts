import type { FileRow } from '../storage/tables.ts';

/** Whether a file is in the queue. */
export function isQueued({ state }: FileRow): boolean {
  return state === 'waiting' || state === 'changed';
}

/** Whether two rows of a file are of the same contents, as far as its size and time show. */
export function isSameVersion(a: FileRow, b: FileRow): boolean {
  return a.size === b.size && a.modified === b.modified;
}
