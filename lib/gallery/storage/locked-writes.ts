import type { Connection } from './connection.ts';
import { isSettled, type PostponedRemovals } from './postponed.ts';
import { withLock } from './replacement.ts';
import { isSecond, secondCounts } from './second-database.ts';
import type { BlockedOptions } from './store.ts';

/** A gallery's database, and its removals that are postponed. */
export interface WriteTarget {
  gallery: string;
  db: Connection;
  postponed: PostponedRemovals;
  /** Whether the gallery is opened for repair. */
  repair: boolean;
}

/**
 * Writes to a gallery's database. All writes share the gallery's lock. Whoever replaces the database, or postpones a removal, has it
 * alone: neither changes what a write has checked. Writes what is postponed before that.
 *
 * @param write returns false if the gallery or its log has changed, or if a removal is postponed.
 * @returns false if the gallery or its log has changed; undefined if the database is the second one, and another page has copied its
 *   records.
 */
export async function whileSettled(
  target: WriteTarget,
  write: () => Promise<boolean>,
  waiting: BlockedOptions,
): Promise<boolean | undefined> {
  const { db, postponed, repair } = target;
  const { signal } = waiting;
  const settle = async () => {
    await postponed.settle(db, { repair, signal });
    return true;
  };
  for (;;) {
    signal?.throwIfAborted();
    if ((await postponed.exists(db)) && !(await whileCurrent(target, 'exclusive', settle, waiting))) return undefined;
    const written = await whileCurrent(target, 'shared', write, waiting);
    // Another tab can have postponed a removal while this one waited for the lock.
    if (written !== false || (await isSettled(db))) return written;
  }
}

/**
 * Runs work on a gallery's database while this page has the gallery's lock.
 *
 * @returns what the work returns; undefined if the database is the second one, and another page has copied its records.
 */
export async function whileCurrent<T>(
  { gallery, db }: Pick<WriteTarget, 'gallery' | 'db'>,
  mode: LockMode,
  work: () => Promise<T>,
  waiting: BlockedOptions,
): Promise<T | undefined> {
  // A page that was killed after the copy has not deleted the second database, so that the connection is still open.
  const isCurrent = async () => !isSecond(gallery, db) || (await secondCounts(gallery));
  return withLock(gallery, mode, async () => ((await isCurrent()) ? work() : undefined), waiting);
}
