import { isFullDisk, isRemoval } from './full-disk.ts';
import { type WriteTarget, whileCurrent, whileSettled } from './locked-writes.ts';
import type { SpaceReserve } from './reserve.ts';
import type { Change, WriteOptions } from './store.ts';
import { commit } from './transactions.ts';

/** A change, and the revision that the store must have. */
export interface ExpectedChange {
  expected: number;
  change: Change;
}

/**
 * Writes a change. While the disk is full, only a removal is written.
 *
 * @param reserve the space for a removal on a full disk.
 * @returns false if the gallery or its log has changed; undefined if the database is no longer the current one.
 */
export async function writeChange(
  target: WriteTarget,
  reserve: SpaceReserve,
  planned: ExpectedChange,
  options: WriteOptions,
): Promise<boolean | undefined> {
  try {
    return await commitSettled(target, planned, options);
  } catch (error) {
    if (!isRemoval(planned.change) || !isFullDisk(error)) throw error;
    return removeOnFullDisk(target, reserve, planned, options);
  }
}

/** Commits a change, after a removal that was postponed. */
export function commitSettled(
  target: WriteTarget,
  { expected, change }: ExpectedChange,
  options: WriteOptions,
): Promise<boolean | undefined> {
  const write = async () => {
    options.onCommit();
    return commit(target.db, expected, change);
  };
  return whileSettled(target, write, options);
}

/** Removes with the space of the reserve, or postpones the removal if that does not suffice. */
async function removeOnFullDisk(
  target: WriteTarget,
  reserve: SpaceReserve,
  planned: ExpectedChange,
  options: WriteOptions,
): Promise<boolean | undefined> {
  // Nothing is written yet: an abort ends the waits.
  await reserve.release(options);
  try {
    return await commitSettled(target, planned, options);
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    const { db, postponed, repair } = target;
    const postpone = () => {
      options.onCommit();
      return postponed.postpone(db, { ...planned, error, repair });
    };
    return whileCurrent(target, 'exclusive', postpone, options);
  } finally {
    reserve.fill();
  }
}
