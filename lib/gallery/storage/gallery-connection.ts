import { calledOnce } from '../../core/blocked-notice.ts';
import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { type Connection, type ConnectionEvents, connect, connectExisting, withFaceNetErrors } from './connection.ts';
import { identityOf, PostponedRemovals } from './postponed.ts';
import { isBeingReplaced, whileNotReplaced } from './replacement.ts';
import type { BlockedOptions, Meta, StoreEvents } from './store.ts';
import { revisionOf } from './transactions.ts';

/** What is known of a gallery's own record. */
type KnownMeta = Pick<Meta, 'id' | 'revision' | 'digest' | 'vault'>;

/**
 * A tab's connection to the database of a gallery. When the database is replaced by another one, in this tab or in another, it
 * continues with the new one. When the gallery is erased in another tab, it ends.
 */
export class GalleryConnection {
  readonly #gallery: string;
  readonly #onBlocked: (() => void) | undefined;
  readonly #events: StoreEvents;
  #connection: Promise<Connection>;
  #closed = false;
  /** Whether the connection to a new database failed. The next call tries again. */
  #lost = false;
  /** The gallery's own record as it was last read or written. */
  #known: KnownMeta | undefined;

  /** Starts to connect; {@link ready} waits for it. */
  constructor(gallery: string, { signal, onBlocked }: BlockedOptions, events: StoreEvents) {
    this.#gallery = gallery;
    this.#onBlocked = onBlocked;
    this.#events = events;
    this.#connection = this.#open(connect, signal);
  }

  /** Waits until the gallery is connected. If this fails or is aborted, closes a connection that still opens. */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    const connection = this.#connection;
    await withFaceNetErrors(() => abortable(connection, signal)).catch((error: unknown) => {
      // A request to open cannot be cancelled.
      connection.then((late) => late.close()).catch(() => {});
      signal?.throwIfAborted();
      throw error;
    });
  }

  /**
   * Works on the current database.
   *
   * @param work is repeated on the next connection if the current one closed before one of its requests, because another tab replaces
   *   or erases the database. It may write in several transactions only if it can be repeated after each of them.
   * @throws {FaceNetError} `disposed` if it was closed meanwhile; otherwise for an error of the browser's storage.
   */
  use<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return withFaceNetErrors(async () => {
      for (;;) {
        if (this.#lost) {
          this.#lost = false;
          this.#continueWith(this.#reopen());
        }
        const connection = this.#connection;
        const db = await connection;
        try {
          return await work(db);
        } catch (error) {
          // A connection that is closed begins no transaction, and completes those that have begun: nothing is written twice.
          if (!isInvalidState(error)) throw error;
          if (this.#connection !== connection) continue;
          throw this.#closed ? closedError() : error;
        }
      }
    });
  }

  /** Continues with the database that replaces the current one. @param replacing resolves when it has. */
  reconnect(replacing: Promise<unknown>): void {
    this.#continueWith(replacing.then(() => this.#reopen()));
  }

  /** The connection after one whose database is replaced. Several calls can find that: the first one connects. */
  async after(replaced: Connection): Promise<Connection> {
    const connection = this.#connection;
    if ((await connection) === replaced && this.#connection === connection) {
      replaced.close();
      this.#continueWith(this.#reopen());
    }
    return this.#connection;
  }

  /** Remembers the gallery's own record, which was read or written, to recognise the gallery in another database. */
  remember(meta: KnownMeta | undefined): void {
    if (meta && revisionOf(meta) >= revisionOf(this.#known)) this.#known = meta;
  }

  /** Closes the connection, also one that still opens. */
  close(): void {
    this.#closed = true;
    this.#connection.then((db) => db.close()).catch(() => {});
  }

  #open(
    connectTo: (name: string, events: ConnectionEvents) => Promise<Connection>,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const onBlocked = calledOnce(this.#onBlocked);
    const events = { onBlocked, onDeletion: () => this.#handleDeletion(), onClose: this.#events.onClose };
    const open = async (name: string) => {
      if (this.#closed) throw closedError();
      return connectTo(name, events);
    };
    return whileNotReplaced(this.#gallery, { signal, onBlocked }, open);
  }

  /**
   * Opens the database again. Creates none: an erase in another tab may have waited for the same lock, and come first. A new gallery
   * of that name may have been created after it.
   */
  #reopen(): Promise<Connection> {
    const end = this.#endingAfterErase();
    return this.#open(async (name, events) => {
      const db = (await connectExisting(name, events)) ?? end();
      const isSame = await this.#isContinuedBy(db).catch((error: unknown) => {
        db.close();
        throw error;
      });
      if (isSame) return db;
      db.close();
      return end();
    });
  }

  /**
   * Whether a database has this gallery. One of release 0.1.0 has no id: it is recognised at a later revision, or by the same record.
   */
  async #isContinuedBy(db: Connection): Promise<boolean> {
    const known = this.#known;
    if (!known) return true;
    const stored = await new PostponedRemovals(this.#gallery).meta(db);
    if (!stored) return false;
    if (known.id !== undefined || stored.id !== undefined) return known.id === stored.id;
    if (revisionOf(stored) > revisionOf(known)) return true;
    const [before, after] = [identityOf(known), identityOf(stored)];
    return before && after ? equalBytes(before, after) : before === after;
  }

  /** Another tab erases the gallery, or replaces its database. */
  #handleDeletion(): void {
    if (this.#closed) return;
    const end = this.#endingAfterErase();
    const next = async () => ((await isBeingReplaced(this.#gallery)) ? this.#reopen() : end());
    const connecting = next();
    this.#continueWith(connecting);
    connecting.then(this.#events.onReplaced, () => {});
  }

  /** A function that ends this connection because another tab erased the gallery. @throws {FaceNetError} `disposed` when called. */
  #endingAfterErase(): () => never {
    // A worker that erases the gallery has no access to it.
    const forget = new PostponedRemovals(this.#gallery).forgetting();
    return () => {
      this.#closed = true;
      forget();
      this.#events.onClose('was erased in another tab');
      throw new FaceNetError('disposed', 'The gallery was erased in another tab: open it again with Gallery.open().');
    };
  }

  #continueWith(next: Promise<Connection>): void {
    this.#connection = next;
    next.then(
      (db) => this.#closed && db.close(),
      () => {
        if (!this.#closed && this.#connection === next) this.#lost = true;
      },
    );
  }
}

function closedError(): FaceNetError {
  return new FaceNetError('disposed', 'The gallery was closed: open it again with Gallery.open().');
}

/** Whether a request failed because its connection was closed before. */
function isInvalidState(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}
