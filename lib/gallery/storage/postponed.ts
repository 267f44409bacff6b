import { isTypedArray } from '../../core/typed-arrays.ts';
import { type Bytes, equalBytes } from '../crypto/bytes.ts';
import { type Connection, databaseName } from './connection.ts';
import { LocalRecord } from './local-record.ts';
import { withWebLock } from './locks.ts';
import type { BlockedOptions, Change, LogAppend, LogRow, Meta, Snapshot } from './store.ts';
import { commit, isAtEnd, logRows, readSnapshot, revisionOf, writeAll } from './transactions.ts';

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
}

/** Removals that are postponed for a gallery. */
export class PostponedRemovals {
  readonly #record: LocalRecord<Postponed>;
  readonly #lock: string;

  constructor(gallery: string) {
    this.#record = new LocalRecord(databaseName(gallery));
    this.#lock = `${databaseName(gallery)}:postponed`;
  }

  /** The postponed removal on top of what the database holds; undefined without one. */
  async current(db: Connection): Promise<Postponed | undefined> {
    const postponed = this.#record.read();
    if (!postponed || !isOf(postponed, await db.get('meta', 'gallery'))) return undefined;
    const { removePeople, removeTemplates } = postponed;
    if (!Array.isArray(removePeople) || !Array.isArray(removeTemplates)) return undefined;
    // If the page ended before the deletion, the removal did not take place.
    const left = await Promise.all([
      ...removePeople.map((id) => db.getKey('people', id)),
      ...removeTemplates.map((id) => db.getKey('templates', id)),
    ]);
    return left.every((key) => key === undefined) ? postponed : undefined;
  }

  /** The gallery's own record, after a postponed removal. */
  async meta(db: Connection): Promise<Meta | undefined> {
    return (await this.current(db))?.meta ?? db.get('meta', 'gallery');
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
   * Writes what is postponed.
   *
   * @param waiting the signal, which cancels the wait for another tab that does so, and what to call if that is silent.
   * @throws {DOMException} `QuotaExceededError` if it still does not fit.
   */
  async settle(db: Connection, waiting: BlockedOptions): Promise<void> {
    if (this.#record.text() === undefined) return;
    await this.#exclusively(waiting, async () => {
      // Without Web Locks, another tab can postpone a removal meanwhile.
      const forget = this.forgetting();
      const postponed = await this.current(db);
      if (postponed) await commit(db, postponed.base, onlyWrites(postponed), postponed.meta.revision);
      forget();
    });
  }

  /**
   * Forgets what is postponed for another database: one of the same name that a worker has erased, because workers have no
   * localStorage, or another revision of this one.
   */
  async forgetOthers(db: Connection): Promise<void> {
    if (this.#record.text() === undefined) return;
    const forget = this.forgetting();
    const postponed = this.#record.read();
    if (!isOf(postponed, await db.get('meta', 'gallery'))) forget();
  }

  /** A function that forgets what is postponed now, but nothing that is postponed before it is called. */
  forgetting(): () => void {
    const text = this.#record.text();
    return () => {
      if (text !== undefined && this.#record.text() === text) this.clear();
    };
  }

  /**
   * Deletes the records of a removal, and postpones the rest.
   *
   * @param error why the removal could not be written.
   * @param waiting as in {@link settle}.
   * @returns false if the gallery or its log has changed.
   * @throws the error, if this has no localStorage, or the database has no {@link identityOf}.
   */
  async postpone(
    db: Connection,
    { expected, change, error }: { expected: number; change: Change; error: unknown },
    waiting: BlockedOptions,
  ): Promise<boolean> {
    return this.#exclusively(waiting, () => this.#remove(db, expected, change, error));
  }

  /** Forgets what is postponed. */
  clear(): void {
    this.#record.restore(undefined);
  }

  async #remove(db: Connection, expected: number, change: Change, error: unknown): Promise<boolean> {
    const earlier = await this.current(db);
    const stored = await db.get('meta', 'gallery');
    if ((earlier?.meta.revision ?? revisionOf(stored)) !== expected) return false;
    const database = earlier?.database ?? identityOf(stored);
    if (!database) throw error;
    const { meta, removePeople = [], removeTemplates = [] } = change;
    const log = joined(earlier?.log, change.log);
    const postponed: Postponed = {
      base: earlier?.base ?? expected,
      database,
      meta: { ...meta, revision: expected + 1 },
      ...(log && { log }),
      removePeople: [...(earlier?.removePeople ?? []), ...removePeople],
      removeTemplates: [...(earlier?.removeTemplates ?? []), ...removeTemplates],
    };
    const before = this.#record.text();
    if (!this.#record.write(postponed)) throw error;
    const restore = () => this.#record.restore(before);
    const deleted = await deleteRecords(db, postponed).catch((failure: unknown) => {
      restore();
      throw failure;
    });
    if (!deleted) restore();
    return deleted;
  }

  /**
   * Runs work while no other tab does. Between the record's writing and the deletions, another tab would take the record for that of a
   * page that has ended, and clear it.
   */
  #exclusively<T>(waiting: BlockedOptions, work: () => Promise<T>): Promise<T> {
    return withWebLock(this.#lock, 'exclusive', work, waiting);
  }
}

/**
 * What distinguishes a database from a later one with the same name: the digest of its records, whose ids are random, or
 * that of its vault. A gallery of an earlier release without a passphrase has neither until it is changed.
 */
export function identityOf(meta: Pick<Meta, 'digest' | 'vault'> | undefined): Bytes | undefined {
  return meta?.digest?.data ?? meta?.vault?.digest;
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

/** Deletes the records of a removal, in a transaction that writes nothing. */
async function deleteRecords(
  db: Connection,
  { base, log, removePeople, removeTemplates }: Postponed,
): Promise<boolean> {
  const transaction = db.transaction(['meta', 'people', 'templates', 'crops', 'log', 'damaged'], 'readwrite', {
    durability: 'strict',
  });
  const stored = await transaction.objectStore('meta').get('gallery');
  const isCurrent = !stored?.replaced && revisionOf(stored) === base;
  if (!isCurrent || !(await isAtEnd(transaction.objectStore('log'), log))) {
    await transaction.done;
    return false;
  }
  const damaged = await transaction.objectStore('damaged').getAll();
  return writeAll(transaction, (deletions) => {
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

/** Two additions to the log as one. */
function joined(first: LogAppend | undefined, second: LogAppend | undefined): LogAppend | undefined {
  if (!first || !second) return second ?? first;
  if (second.clears) return { ...second, expected: first.expected };
  return { ...first, rows: [...first.rows, ...second.rows], head: second.head };
}
