import { FaceNetError } from '../core/errors.ts';
import { databaseName } from './storage/indexeddb.ts';

/** How long to wait for another tab, in milliseconds. A page that is reloaded releases its lock within a second. */
const maxWait = 3000;

/**
 * Acquires the lock of a library, which one tab at a time can hold. The browser releases it if the page ends.
 *
 * @returns releases the lock.
 * @throws {FaceNetError} `library-open` if another tab has it.
 */
export async function acquireLock(library: string, signal: AbortSignal | undefined): Promise<() => void> {
  // Without locks, for example in an insecure context, the caller has to open the library once.
  if (typeof navigator === 'undefined' || !navigator.locks) return () => {};
  const waiting = new AbortController();
  const abort = () => waiting.abort(signal?.reason);
  const timer = setTimeout(() => waiting.abort(openError(library)), maxWait);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<() => void>((resolve, reject) => {
      navigator.locks
        .request(
          databaseName(library),
          { signal: waiting.signal },
          () => new Promise<void>((release) => resolve(release)),
        )
        .catch(reject);
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function openError(library: string): FaceNetError {
  return new FaceNetError('library-open', `The library "${library}" is open in another tab: close it there first.`);
}
