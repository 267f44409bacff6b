import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { isTypedArray } from '../../core/typed-arrays.ts';
import { type Bytes, equalBytes } from '../crypto/bytes.ts';
import { type Connection, databaseName } from './connection.ts';
import { LocalRecord } from './local-record.ts';
import type { Change, LogAppend, LogRow, Meta, Snapshot } from './store.ts';
import { commit, isAtEnd, logLength, logRows, readSnapshot, revisionOf, stores, writeAll } from './transactions.ts';

/**
 * How often to look for what another tab has written to localStorage: unlike IndexedDB and Web Locks, it does not order the accesses
 * of several tabs. With {@link delay}, three seconds.
 */
const maxAttempts = 150;

/** The time between two attempts, in milliseconds. */
const delay = 20;

/**
 * What a removal writes besides deleting records. Chromium refuses every write while the disk is full, but no deletion.
 * Without a reserve of space (reserve.ts), the records are deleted, and this is kept in localStorage, whose space is counted
 * separately, until it fits into the database. It holds random ids and the gallery's own record, sealed like that in the database.
 */
interface Postponed {
  /** The revision of the database. */
  base: number;
  /** The {@link identityOf} of the database. */
  database: Bytes;
  /** The gallery's own record after the removal. */
  meta: Meta;
  log?: LogAppend;
  removePeople: string[];
  removeTemplates: string[];
  /** How many records the deletion leaves: another tab can still read what was postponed before it. */
  left: { people: number; templates: number };
  /** What was postponed before. It counts if the page ended before the deletion. */
  earlier?: Postponed;
}

/** Options of {@link PostponedRemovals.settle}. */
export interface SettleOptions {
  repair?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** A postponed removal that was found, and a function that forgets it, but not a later one. */
interface Found {
  postponed: Postponed;
  forget: () => void;
}

/**
 * Removals that are postponed for a gallery. The tabs that write exclude each other: see locked-writes.ts.
 *
 * The deletion of a removal's records also deletes the database's record `settled`. It is written again together with what is postponed.
 * While it is missing, the rest of the records is not the whole: a tab waits until it sees what is postponed, and a worker, which has no
 * localStorage, does nothing.
 */
export class PostponedRemovals {
  readonly #record: LocalRecord<Postponed>;
  /** The revision for which a wait has ended without what is postponed. Later calls do not wait again. */
  #lostAt: number | undefined;

  constructor(gallery: string) {
    this.#record = new LocalRecord(databaseName(gallery));
  }

  /**
   * The postponed removal on top of what the database holds; undefined without one. Waits for what another tab has just postponed.
   *
   * @returns undefined also if what was postponed is lost, because the browser has deleted it. Then records are missing.
   * @throws {FaceNetError} `storage-full` in a worker, if a removal is postponed.
   */
  async current(db: Connection): Promise<Postponed | undefined> {
    return (await this.#find(db))?.postponed;
  }

  /** Whether something may have to be written by {@link settle}. */
  async exists(db: Connection): Promise<boolean> {
    return this.#record.text() !== undefined || !(await isSettled(db));
  }

  /** The gallery's own record, after a postponed removal. */
  async meta(db: Connection): Promise<Meta | undefined> {
    const { meta, isSettled } = await readOwn(db);
    return isSettled ? meta : ((await this.current(db))?.meta ?? db.get('meta', 'gallery'));
  }

  /** Reads all records but the crops, as {@link readSnapshot} does. */
  async snapshot(db: Connection): Promise<Snapshot> {
    for (;;) {
      const snapshot = await readSnapshot(db);
      const postponed = await this.current(db);
      // Another tab can have written in between.
      const isCurrent = revisionOf(await db.get('meta', 'gallery')) === revisionOf(snapshot.meta);
      if (isCurrent) return postponed ? without(snapshot, postponed) : snapshot;
    }
  }

  /** The entries of the log, without its head. @param after as that of `Store.logRows`. */
  async logRows(db: Connection, after = Number.NEGATIVE_INFINITY): Promise<LogRow[]> {
    const { log } = (await this.current(db)) ?? {};
    const added = log?.rows.filter(({ count }) => count > after) ?? [];
    // Another tab can have written the postponed ones in between.
    const rows = [...added, ...(log?.clears ? [] : await logRows(db, after))];
    return [...new Map(rows.map((row) => [row.count, row])).values()].sort((a, b) => a.count - b.count);
  }

  /**
   * Writes what is postponed. Call it while no other tab writes.
   *
   * @param options the signal, and whether the gallery is opened for repair: then it continues with the records that are left, if what
   *   was postponed is lost.
   * @throws {DOMException} `QuotaExceededError` if it still does not fit.
   * @throws {FaceNetError} `gallery-corrupt` if what was postponed is lost; `storage-full` in a worker.
   */
  async settle(db: Connection, { repair = false, signal }: SettleOptions = {}): Promise<void> {
    // What is postponed belongs to the database that replaces a marked one.
    if ((await db.get('meta', 'gallery'))?.replaced) return;
    // Without Web Locks, another tab can postpone a removal meanwhile.
    const forget = this.forgetting();
    const found = await this.#find(db, signal);
    if (found) {
      const { base, meta } = found.postponed;
      // If another tab has written meanwhile, which it can without Web Locks, the next attempt finds out whether this is still current.
      const options = { next: meta.revision, settles: true };
      if (await commit(db, base, onlyWrites(found.postponed), options)) found.forget();
      return;
    }
    if (!(await isSettled(db))) {
      if (!repair) throw lostRemoval();
      await db.put('settled', true, 'gallery');
    }
    forget();
  }

  /**
   * Forgets what is postponed for another database: one of the same name that a worker has erased, because workers have no
   * localStorage, or another revision of this one. Call it while no other tab postpones a removal.
   */
  async forgetOthers(db: Connection): Promise<void> {
    const forget = this.forgetting();
    const postponed = this.#record.read();
    if ((await isSettled(db)) && !isOf(postponed, await db.get('meta', 'gallery'))) forget();
  }

  /** A function that forgets what is postponed now, but nothing that is postponed before it is called. */
  forgetting(): () => void {
    const text = this.#record.text();
    return () => {
      if (text !== undefined && this.#record.text() === text) this.clear();
    };
  }

  /**
   * Deletes the records of a removal, and postpones the rest. Call it while no other tab writes: one that has begun would not expect
   * the removal. Between the record's writing and the deletions, it would take the record for that of a page that has ended.
   *
   * @param options.error why the removal could not be written.
   * @param options.repair whether the gallery is opened for repair: then an earlier removal may be lost.
   * @returns false if the gallery or its log has changed.
   * @throws the error, if this has no localStorage, or the database has no {@link identityOf}.
   * @throws {FaceNetError} `gallery-corrupt` if an earlier removal is lost.
   */
  async postpone(
    db: Connection,
    { expected, change, error, repair }: { expected: number; change: Change; error: unknown; repair: boolean },
  ): Promise<boolean> {
    const earlier = await this.current(db);
    const isFirst = await isSettled(db);
    if (!earlier && !isFirst && !repair) throw lostRemoval();
    const stored = await db.get('meta', 'gallery');
    if ((earlier?.meta.revision ?? revisionOf(stored)) !== expected) return false;
    const database = earlier?.database ?? identityOf(stored);
    if (!database) throw error;
    const { meta, removePeople = [], removeTemplates = [] } = change;
    const log = joined(earlier?.log, change.log);
    const [people, templates] = await Promise.all([db.getAllKeys('people'), db.getAllKeys('templates')]);
    const postponed: Postponed = {
      base: earlier?.base ?? expected,
      database,
      meta: { ...meta, revision: expected + 1 },
      ...(log && { log }),
      removePeople: [...(earlier?.removePeople ?? []), ...removePeople],
      removeTemplates: [...(earlier?.removeTemplates ?? []), ...removeTemplates],
      left: { people: countWithout(people, removePeople), templates: countWithout(templates, removeTemplates) },
      ...(earlier && { earlier: alone(earlier) }),
    };
    const before = this.#record.text();
    if (!this.#record.write(postponed)) throw error;
    const own = this.#record.text();
    const restore = () => {
      // Without Web Locks, another tab can have postponed a removal meanwhile.
      if (this.#record.text() === own) this.#record.restore(before);
    };
    const deleted = await deleteRecords(db, postponed, isFirst).catch((failure: unknown) => {
      restore();
      throw failure;
    });
    if (!deleted) restore();
    return deleted;
  }

  /** Forgets what is postponed. */
  clear(): void {
    this.#record.restore(undefined);
  }

  /** Looks for what is postponed until it is seen. @returns undefined if nothing is postponed, or if it is lost. */
  async #find(db: Connection, signal?: AbortSignal): Promise<Found | undefined> {
    for (let attempt = 1; !(await isSettled(db)); attempt++) {
      if (typeof localStorage === 'undefined') throw unknownRemoval();
      const forget = this.forgetting();
      const last = this.#record.read();
      const present = await readPresent(db);
      const postponed = [last, last?.earlier].find((each) => each && isOnTop(each, present));
      if (postponed) {
        this.#lostAt = undefined;
        return { postponed, forget };
      }
      const revision = revisionOf(present.meta);
      if (attempt === maxAttempts || this.#lostAt === revision) {
        this.#lostAt = revision;
        return undefined;
      }
      await abortable(new Promise((resolve) => setTimeout(resolve, delay)), signal);
    }
    return undefined;
  }
}

/**
 * What distinguishes a database from a later one with the same name: the digest of its records, whose ids are random, or
 * that of its vault. A gallery of an earlier release without a passphrase has neither until it is changed.
 */
export function identityOf(meta: Pick<Meta, 'digest' | 'vault'> | undefined): Bytes | undefined {
  return meta?.digest?.data ?? meta?.vault?.digest;
}

/** Whether no removal is postponed: the database has the records to which its own one refers. It has none before it is created. */
export async function isSettled(db: Connection): Promise<boolean> {
  return (await readOwn(db)).isSettled;
}

/** Reads a gallery's own record, and whether the database is settled, in one transaction. */
async function readOwn(db: Connection): Promise<{ meta: Meta | undefined; isSettled: boolean }> {
  const transaction = db.transaction(['meta', 'settled']);
  const [meta, settled] = await Promise.all([
    transaction.objectStore('meta').get('gallery'),
    transaction.objectStore('settled').getKey('gallery'),
  ]);
  return { meta, isSettled: meta === undefined || settled !== undefined };
}

/** What a postponed removal must fit. */
interface Present {
  meta: Meta | undefined;
  people: string[];
  templates: string[];
  /** The head of the log. */
  head: LogRow | undefined;
}

/** Reads what a postponed removal must fit, in one transaction. */
async function readPresent(db: Connection): Promise<Present> {
  const transaction = db.transaction(['meta', 'people', 'templates', 'log']);
  const [meta, people, templates, head] = await Promise.all([
    transaction.objectStore('meta').get('gallery'),
    transaction.objectStore('people').getAllKeys(),
    transaction.objectStore('templates').getAllKeys(),
    transaction.objectStore('log').get('head'),
  ]);
  return { meta, people, templates, head };
}

/** Whether a removal was postponed on top of the present records of a database, and not before another one. */
function isOnTop(postponed: Postponed, { meta, people, templates, head }: Present): boolean {
  if (!isOf(postponed, meta)) return false;
  const { left, log, removePeople, removeTemplates } = postponed;
  // An earlier removal has other numbers. One whose page was killed before the deletion has records that are still there.
  const isLeft = (keys: readonly string[], removed: unknown, count: number | undefined) =>
    Array.isArray(removed) && count === keys.length && countWithout(keys, removed) === count;
  if (!isLeft(people, removePeople, left?.people) || !isLeft(templates, removeTemplates, left?.templates)) return false;
  return !log || logLength(head) === log.expected;
}

/** Whether a removal was postponed for a database in its present revision. */
function isOf(postponed: Postponed | undefined, meta: Meta | undefined): postponed is Postponed {
  const identity = identityOf(meta);
  if (!identity || postponed?.base !== revisionOf(meta)) return false;
  return isTypedArray(postponed.database, 'Uint8Array') && equalBytes(postponed.database, identity);
}

/** The records after a removal. They may have been read before its deletions. */
function without(snapshot: Snapshot, { meta, removePeople, removeTemplates }: Postponed): Snapshot {
  return {
    meta,
    people: snapshot.people.filter(({ id }) => !removePeople.includes(id)),
    templates: snapshot.templates.filter(({ id }) => !removeTemplates.includes(id)),
    crops: snapshot.crops.filter((id) => !removeTemplates.includes(id)),
  };
}

/** The writes of a removal whose records are deleted. */
function onlyWrites({ meta, log }: Postponed): Change {
  return { meta, ...(log && { log }) };
}

/**
 * Deletes the records of a removal, in a transaction that writes nothing.
 *
 * @param isFirst whether no other removal is postponed.
 * @returns false if the gallery or its log has changed.
 */
async function deleteRecords(
  db: Connection,
  { base, log, removePeople, removeTemplates }: Postponed,
  isFirst: boolean,
): Promise<boolean> {
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' });
  const stored = await transaction.objectStore('meta').get('gallery');
  const isSettled = (await transaction.objectStore('settled').getKey('gallery')) !== undefined;
  const isCurrent = !stored?.replaced && revisionOf(stored) === base && isSettled === isFirst;
  if (!isCurrent || !(await isAtEnd(transaction.objectStore('log'), log))) {
    await transaction.done;
    return false;
  }
  const damaged = await transaction.objectStore('damaged').getAll();
  return writeAll(transaction, (deletions) => {
    deletions.push(transaction.objectStore('settled').delete('gallery'));
    for (const id of removePeople) deletions.push(transaction.objectStore('people').delete(id));
    for (const id of removeTemplates) {
      deletions.push(transaction.objectStore('templates').delete(id));
      deletions.push(transaction.objectStore('crops').delete(id));
    }
    for (const { key, person = '' } of damaged) {
      if (removePeople.includes(person)) deletions.push(transaction.objectStore('damaged').delete(key));
    }
  });
}

/** A postponed removal without what was postponed before it. */
function alone({ earlier: _, ...postponed }: Postponed): Postponed {
  return postponed;
}

/** How many keys are left after a removal. */
function countWithout(keys: readonly string[], removed: readonly string[]): number {
  const gone = new Set(removed);
  return keys.filter((key) => !gone.has(key)).length;
}

function unknownRemoval(): FaceNetError {
  return new FaceNetError(
    'storage-full',
    'People were removed while the disk was full, and workers cannot read what is still to be written: free space, and change the gallery in a page, then call again.',
  );
}

function lostRemoval(): FaceNetError {
  return new FaceNetError(
    'gallery-corrupt',
    'People were removed while the disk was full, and what was still to be written has been deleted from localStorage: open the gallery with { repair: true }.',
  );
}

/** Two additions to the log as one. */
function joined(first: LogAppend | undefined, second: LogAppend | undefined): LogAppend | undefined {
  if (!first || !second) return second ?? first;
  if (second.clears) return { ...second, expected: first.expected };
  return { ...first, rows: [...first.rows, ...second.rows], head: second.head };
}
