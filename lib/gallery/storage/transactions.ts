import type { IDBPObjectStore, StoreNames } from 'idb';
import type { Connection } from './connection.ts';
import type { GallerySchema } from './schema.ts';
import type { Change, DamagedRow, LogAppend, LogRow, Snapshot } from './store.ts';

/** All object stores. */
export const stores = ['meta', 'people', 'templates', 'crops', 'log', 'damaged', 'settled'] as const;
const storeOf = { person: 'people', face: 'templates', crop: 'crops' } as const;

/** An object store in a transaction that can write. */
type Writable<Name extends StoreNames<GallerySchema>> = IDBPObjectStore<
  GallerySchema,
  ArrayLike<StoreNames<GallerySchema>>,
  Name,
  'readwrite'
>;

/** Reads all records but the crops, in one transaction. */
export async function readSnapshot(db: Connection): Promise<Snapshot> {
  const transaction = db.transaction(['meta', 'people', 'templates', 'crops']);
  const [meta, people, templates, crops] = await Promise.all([
    transaction.objectStore('meta').get('gallery'),
    transaction.objectStore('people').getAll(),
    transaction.objectStore('templates').getAll(),
    transaction.objectStore('crops').getAllKeys(),
  ]);
  return { meta, people, templates, crops };
}

/** Options of {@link commit}. */
interface CommitOptions {
  /** The revision after the change. Default: one more than before. */
  next?: number;
  /** Whether the change is what a postponed removal writes. Default: `false`. */
  settles?: boolean;
}

/**
 * Writes a change in one transaction.
 *
 * @returns false if the store is not at the expected revision or log length, or if a removal is postponed.
 */
export async function commit(
  db: Connection,
  expected: number,
  change: Change,
  { next = expected + 1, settles = false }: CommitOptions = {},
): Promise<boolean> {
  // "strict" flushes to disk before the commit is reported, so that an enrolment survives a power failure. Writes are
  // small.
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' });
  const [meta, people, templates, crops, log, damaged, settled] = [
    transaction.objectStore('meta'),
    transaction.objectStore('people'),
    transaction.objectStore('templates'),
    transaction.objectStore('crops'),
    transaction.objectStore('log'),
    transaction.objectStore('damaged'),
    transaction.objectStore('settled'),
  ];
  const stored = await meta.get('gallery');
  const isSettled = stored === undefined || (await settled.getKey('gallery')) !== undefined;
  const isCurrent = !stored?.replaced && revisionOf(stored) === expected && isSettled !== settles;
  if (!isCurrent || !(await isAtEnd(log, change.log))) {
    await transaction.done;
    return false;
  }
  const known = change.removePeople?.length || change.discardDamaged ? await damaged.getAll() : [];
  const setAside = await Promise.all(
    (change.setAside ?? []).map(async (record): Promise<DamagedRow> => {
      const row =
        record.kind === 'gallery' ? undefined : await transaction.objectStore(storeOf[record.kind]).get(record.id);
      return { ...record, key: `${record.kind} ${record.id}`, row };
    }),
  );
  return writeAll(transaction, (writes) => {
    for (const row of discarded(known, change)) writes.push(damaged.delete(row.key));
    for (const row of setAside) {
      writes.push(damaged.put(row));
      if (row.kind !== 'gallery') writes.push(transaction.objectStore(storeOf[row.kind]).delete(row.id));
    }
    for (const id of change.removePeople ?? []) writes.push(people.delete(id));
    // One at a time: if the second request throws, the first is among the writes.
    for (const id of change.removeTemplates ?? []) {
      writes.push(templates.delete(id));
      writes.push(crops.delete(id));
    }
    for (const row of change.people ?? []) writes.push(people.put(row));
    for (const row of change.templates ?? []) writes.push(templates.put(row));
    for (const row of change.crops ?? []) writes.push(crops.put(row));
    if (change.log) putLog(log, change.log, writes);
    writes.push(meta.put({ ...change.meta, revision: next }, 'gallery'));
    if (settles || !stored) writes.push(settled.put(true, 'gallery'));
  });
}

/** Adds to the log. @returns false if the store is not at the expected revision or log length, or if a removal is postponed. */
export async function appendLog(db: Connection, revision: number, append: LogAppend): Promise<boolean> {
  // Not "strict": identifications are frequent, and a power failure loses the last of them, but does not break the log.
  const transaction = db.transaction(['meta', 'log', 'settled'], 'readwrite');
  const log = transaction.objectStore('log');
  const stored = await transaction.objectStore('meta').get('gallery');
  const isSettled = (await transaction.objectStore('settled').getKey('gallery')) !== undefined;
  const isCurrent = isSettled && !stored?.replaced && revisionOf(stored) === revision;
  if (!isCurrent || !(await isAtEnd(log, append))) {
    await transaction.done;
    return false;
  }
  return writeAll(transaction, (writes) => putLog(log, append, writes));
}

/** The entries of the log, without its head. @param after as that of `Store.logRows`. */
export function logRows(db: Connection, after = Number.NEGATIVE_INFINITY): Promise<LogRow[]> {
  // Numbers sort before strings: the range excludes the head.
  return db.getAll('log', IDBKeyRange.bound(after, Number.POSITIVE_INFINITY, true));
}

/** The log after a change: its rows replace those with the same number. @returns undefined for a gallery without a log. */
export function mergedLog(
  rows: readonly LogRow[],
  head: LogRow | undefined,
  { log }: Change,
): { rows: LogRow[]; head: LogRow } | undefined {
  if (!log) return head && { rows: [...rows], head };
  const earlier = log.clears ? [] : rows;
  const byCount = new Map([...earlier, ...log.rows].map((row) => [row.count, row]));
  return { rows: [...byCount.values()], head: log.head };
}

/** The revision of a gallery's own record; 0 without one, and for one that is damaged. */
export function revisionOf(meta: { revision?: unknown } | undefined): number {
  const revision = meta?.revision;
  return Number.isSafeInteger(revision) ? (revision as number) : 0;
}

/** The damaged records that a change deletes: all, or those of the people whom it removes. */
export function discarded(
  damaged: readonly DamagedRow[],
  { discardDamaged, removePeople = [] }: Partial<Pick<Change, 'discardDamaged' | 'removePeople'>>,
): DamagedRow[] {
  return damaged.filter(({ person = '' }) => discardDamaged || removePeople.includes(person));
}

/** Whether the log has the length that an append expects. */
export async function isAtEnd(
  log: { get(key: 'head'): Promise<{ count: number } | undefined> },
  append: Pick<LogAppend, 'expected'> | undefined,
): Promise<boolean> {
  return !append || logLength(await log.get('head')) === append.expected;
}

/** The number of entries that the log's head states; 0 without one, and for one that is damaged. */
export function logLength(head: { count?: unknown } | undefined): number {
  return Number.isSafeInteger(head?.count) ? (head?.count as number) : 0;
}

function putLog(log: Writable<'log'>, { rows, head, clears }: LogAppend, writes: Promise<unknown>[]): void {
  if (clears) writes.push(log.clear());
  for (const row of rows) writes.push(log.put(row, row.count));
  writes.push(log.put(head, 'head'));
}

/** Issues writes and waits for the end of their transaction. An error rolls all of them back. @returns true */
export async function writeAll(
  transaction: { done: Promise<void>; error: DOMException | null; abort(): void },
  issue: (writes: Promise<unknown>[]) => void,
): Promise<true> {
  const writes: Promise<unknown>[] = [];
  try {
    issue(writes);
    await Promise.all([...writes, transaction.done]);
    return true;
  } catch (error) {
    // An exception of put() or delete() does not abort the transaction: abort it, to roll back the earlier writes.
    for (const write of [...writes, transaction.done]) write.catch(() => {});
    try {
      transaction.abort();
    } catch {
      // The error has already aborted it.
    }
    throw transaction.error ?? error;
  }
}
