import type { Connection } from './connection.ts';
import { isFullDisk, isRemoval } from './full-disk.ts';
import type { PostponedRemovals } from './postponed.ts';
import type { SpaceReserve } from './reserve.ts';
import type { Change, WriteOptions } from './store.ts';
import { commit } from './transactions.ts';

/** The ways to write a removal on a full disk. */
export interface FullDiskFallbacks {
  postponed: PostponedRemovals;
  reserve: SpaceReserve;
}

/** A change, and the revision that the store must have. */
export interface ExpectedChange {
  expected: number;
  change: Change;
}

/** Writes a change. While the disk is full, only a removal is written. @returns false if the gallery or its log has changed. */
export async function writeChange(
  db: Connection,
  fallbacks: FullDiskFallbacks,
  planned: ExpectedChange,
  options: WriteOptions,
): Promise<boolean> {
  try {
    return await commitSettled(db, fallbacks.postponed, planned, options);
  } catch (error) {
    if (!isRemoval(planned.change) || !isFullDisk(error)) throw error;
    return removeOnFullDisk(db, fallbacks, planned, options);
  }
}

/** Commits a change, after a removal that was postponed. */
async function commitSettled(
  db: Connection,
  postponed: PostponedRemovals,
  { expected, change }: ExpectedChange,
  options: WriteOptions,
): Promise<boolean> {
  await postponed.settle(db, options);
  options.onCommit();
  return commit(db, expected, change);
}

/** Removes with the space of the reserve, or postpones the removal if that does not suffice. */
async function removeOnFullDisk(
  db: Connection,
  { postponed, reserve }: FullDiskFallbacks,
  planned: ExpectedChange,
  options: WriteOptions,
): Promise<boolean> {
  // Nothing is written yet: an abort ends the waits.
  await reserve.release(options);
  try {
    return await commitSettled(db, postponed, planned, options);
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    return postponed.postpone(db, { ...planned, error }, options);
  } finally {
    reserve.fill();
  }
}
