import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';

/** A request that is not answered before the test dispatches its event. */
class FakeRequest extends EventTarget {
  readonly result = undefined;
}

let request: FakeRequest;
const deleteDatabase = vi.fn((_name: string) => request);

beforeEach(() => {
  vi.useFakeTimers();
  request = new FakeRequest();
  deleteDatabase.mockClear();
  for (const name of ['IDBDatabase', 'IDBObjectStore', 'IDBIndex', 'IDBCursor', 'IDBTransaction']) {
    vi.stubGlobal(name, class {});
  }
  vi.stubGlobal('IDBRequest', FakeRequest);
  vi.stubGlobal('indexedDB', { deleteDatabase });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('an erase reports once that the browser says another tab blocks it, and ends when it no longer does', async () => {
  const onBlocked = vi.fn();
  const erased = Library.erase('held', { onBlocked });
  request.dispatchEvent(new Event('blocked'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onBlocked).toHaveBeenCalledOnce();
  request.dispatchEvent(new Event('success'));
  await erased;
  expect(deleteDatabase).toHaveBeenCalledExactlyOnceWith('facenet-library:held');
});

test('an erase reports a suspended tab, which the browser waits for without saying so, and can be aborted', async () => {
  const [onBlocked, controller] = [vi.fn(), new AbortController()];
  const outcome = Library.erase('held', { onBlocked, signal: controller.signal }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(4900);
  expect(onBlocked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(onBlocked).toHaveBeenCalledOnce();
  controller.abort('stop');
  expect(await outcome).toBe('stop');
});

test('an erase that was aborted reports nothing any more', async () => {
  const [onBlocked, controller] = [vi.fn(), new AbortController()];
  const outcome = Library.erase('held', { onBlocked, signal: controller.signal }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(2000);
  controller.abort('stop');
  expect(await outcome).toBe('stop');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onBlocked).not.toHaveBeenCalled();
});

test('an erase that is not blocked reports nothing', async () => {
  const onBlocked = vi.fn();
  const erased = Library.erase('free', { onBlocked });
  request.dispatchEvent(new Event('success'));
  await erased;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onBlocked).not.toHaveBeenCalled();
});

test('an erase with a signal that is aborted already deletes nothing', async () => {
  await expect(Library.erase('kept', { signal: AbortSignal.abort('stop') })).rejects.toBe('stop');
  expect(deleteDatabase).not.toHaveBeenCalled();
});
