import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change, LogAppend, Store, WriteOptions } from '../../../lib/gallery/storage/store.ts';

/** The ends of the names of Web Locks, with the modes in which another tab keeps this one from having them. */
let held: string[] = [];
/** What a transaction throws. */
let failure: DOMException | undefined;

vi.mock('../../../lib/gallery/storage/connection.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  connect: async () => ({
    close() {},
    get: async () => undefined,
    transaction(_: unknown, mode: IDBTransactionMode = 'readonly') {
      if (mode === 'readwrite') throw failure;
      return { objectStore: () => ({ get: async () => undefined, getKey: async () => undefined }) };
    },
  }),
}));

/** Grants free locks at once, and held ones never. */
const locks = {
  request: (name: string, { mode, signal }: { mode: LockMode; signal?: AbortSignal }, work: () => unknown) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      if (!held.some((end) => `${name} ${mode}`.endsWith(end))) resolve(work());
    }),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('indexedDB', {});
  vi.stubGlobal('navigator', { locks, storage: { getDirectory: async () => ({}) } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  held = [];
  failure = undefined;
});

const change = { meta: {}, removePeople: ['id'] } as unknown as Change;
const appended = { expected: 0, rows: [], head: {} } as unknown as LogAppend;

const writes: Record<string, (store: Store, options: WriteOptions) => Promise<boolean>> = {
  appendLog: (store, options) => store.appendLog(0, appended, options),
  commit: (store, options) => store.commit(0, change, options),
  replace: (store, options) => store.replace(0, change, options),
};

/** Writes while other tabs hold the locks, and aborts it after a while. @param onOpened called before the write. */
async function abortWait(
  write: (store: Store, options: WriteOptions) => Promise<boolean>,
  onOpened: () => void = () => {},
) {
  const { indexedDBStore } = await import('../../../lib/gallery/storage/indexeddb.ts');
  const [onBlocked, controller] = [vi.fn(), new AbortController()];
  const onCommit = vi.fn(() => controller.signal.throwIfAborted());
  const store = await indexedDBStore('gallery', {}, { onClose() {}, onReplaced() {} });
  onOpened();
  const ended = write(store, { signal: controller.signal, onBlocked, onCommit }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(6000);
  expect(onBlocked).toHaveBeenCalledOnce();
  controller.abort();
  expect(await ended).toBe(controller.signal.reason);
  return onCommit;
}

test.each(Object.entries(writes))(
  '%s() that waits for a tab which writes a postponed removal says so, and can be aborted',
  async (_, write) => {
    // A removal is postponed.
    vi.stubGlobal('localStorage', { getItem: () => '{}' });
    held = [':gallery exclusive'];
    expect(await abortWait(write)).not.toHaveBeenCalled();
  },
);

test.each(Object.entries(writes))(
  '%s() that waits for a tab which replaces the database or postpones a removal says so, and can be aborted',
  async (_, write) => {
    const onCommit = await abortWait(write, () => {
      held = [':gallery shared', ':gallery exclusive'];
    });
    expect(onCommit).not.toHaveBeenCalled();
  },
);

test.each([':reserve exclusive', ':gallery exclusive'])(
  'a removal on a full disk that waits for the lock %s can be aborted',
  async (end) => {
    failure = new DOMException('full', 'QuotaExceededError');
    held = [end];
    await abortWait(writes.commit as (typeof writes)[string]);
  },
);

test('the opening can be aborted while it waits for a tab that replaces the database', async () => {
  const { indexedDBStore } = await import('../../../lib/gallery/storage/indexeddb.ts');
  held = [':gallery shared'];
  const [onBlocked, controller] = [vi.fn(), new AbortController()];
  const opening = indexedDBStore(
    'gallery',
    { signal: controller.signal, onBlocked },
    { onClose() {}, onReplaced() {} },
  );
  const ended = opening.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(6000);
  expect(onBlocked).toHaveBeenCalledOnce();
  controller.abort();
  expect(await ended).toBe(controller.signal.reason);
});
