import { BlockedNotice } from '../../core/blocked-notice.ts';
import type { BlockedOptions } from './store.ts';

/**
 * Runs work while this page has a Web Lock. The browser releases the lock when the page ends.
 *
 * @param options the signal, which cancels the wait for other pages, and what to call if they are silent.
 */
export async function withWebLock<T>(
  name: string,
  mode: LockMode,
  work: () => Promise<T>,
  { signal, onBlocked }: BlockedOptions,
): Promise<T> {
  // Insecure pages and old browsers have no Web Locks.
  if (typeof navigator === 'undefined' || !navigator.locks) return work();
  const notice = new BlockedNotice(onBlocked);
  const begin = () => {
    notice.end();
    return work();
  };
  try {
    const options = { mode, ...(signal && { signal }) };
    return await (navigator.locks.request(name, options, begin) as Promise<T>);
  } finally {
    notice.end();
  }
}
