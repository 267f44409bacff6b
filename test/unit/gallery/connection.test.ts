import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deleteDatabase } from '../../../lib/core/delete-database.ts';
import { connect } from '../../../lib/gallery/storage/connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.for([
  ['open', (onBlocked: () => void) => connect('gallery', { onBlocked })],
  ['deleteDatabase', (onBlocked: () => void) => deleteDatabase('gallery', onBlocked)],
] as const)(
  'a page that may not use IndexedDB is not told that another tab blocks it: %s',
  async ([method, request]) => {
    const refuse = () => {
      throw new DOMException('The page may not use IndexedDB.', 'SecurityError');
    };
    vi.stubGlobal('indexedDB', { [method]: refuse });
    const onBlocked = vi.fn();
    await expect(request(onBlocked)).rejects.toMatchObject({ name: 'SecurityError' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onBlocked).not.toHaveBeenCalled();
  },
);
