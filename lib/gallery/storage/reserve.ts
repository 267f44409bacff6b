import { databaseName } from './connection.ts';
import { withWebLock } from './locks.ts';
import type { BlockedOptions } from './store.ts';

/** The size of the reserve in bytes. */
const size = 1 << 18;

/**
 * Space for the removal of people while the disk is full: a file of zeros in the origin private file system, deleted before such a
 * removal is written. Workers can use it, unlike localStorage.
 */
export class SpaceReserve {
  readonly #database: string;
  readonly #file: string;
  readonly #lock: string;

  constructor(gallery: string) {
    this.#database = databaseName(gallery);
    this.#lock = `${this.#database}:reserve`;
    this.#file = encodeURIComponent(this.#lock);
  }

  /** Creates the file, if it is absent and the browser allows it. */
  async fill(): Promise<void> {
    await this.#exclusively({}, async (folder) => {
      // Another tab may have erased the gallery since this was called.
      if (!(await isStored(this.#database))) return;
      const handle = await folder.getFileHandle(this.#file, { create: true });
      if ((await handle.getFile()).size === size) return;
      await write(handle, new Uint8Array(size)).catch(() => folder.removeEntry(this.#file));
    });
  }

  /**
   * Deletes the file, if there is one.
   *
   * @param waiting the signal, which ends the wait for another tab that creates or deletes the file, and what to call if that is
   *   silent.
   */
  async release(waiting: BlockedOptions): Promise<void> {
    await this.#exclusively(waiting, (folder) => folder.removeEntry(this.#file));
  }

  /** Runs work while no other tab does. Errors are ignored: without a reserve, removals are postponed. */
  async #exclusively(
    waiting: BlockedOptions,
    work: (folder: FileSystemDirectoryHandle) => Promise<void>,
  ): Promise<void> {
    try {
      // Insecure pages and old browsers have neither. Without Web Locks, a tab that opens a gallery could create the file while
      // another tab erases the gallery.
      const { storage, locks } = navigator;
      if (!locks) return;
      await withWebLock(this.#lock, 'exclusive', async () => work(await storage.getDirectory()), waiting);
    } catch {
      // There is no file, no space for it, or no access to it.
    }
  }
}

/** Whether a database exists. Without a way to know, it is assumed to exist. */
async function isStored(name: string): Promise<boolean> {
  if (typeof indexedDB.databases !== 'function') return true;
  return (await indexedDB.databases()).some((database) => database.name === name);
}

/** Writes a whole file. Older WebKit can write only in workers. */
async function write(handle: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if ('createWritable' in handle) {
    const stream = await handle.createWritable();
    await stream.write(bytes);
    return stream.close();
  }
  const access = await (handle as WorkerFileHandle).createSyncAccessHandle();
  try {
    access.write(bytes);
    access.flush();
  } finally {
    access.close();
  }
}

/** The part of a file handle that only workers have. */
interface WorkerFileHandle {
  createSyncAccessHandle(): Promise<{ write(bytes: Uint8Array): number; flush(): void; close(): void }>;
}
