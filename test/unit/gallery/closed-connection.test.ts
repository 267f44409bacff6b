import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let isClosed = false;

vi.mock('../../../lib/gallery/storage/connection.ts', async (importOriginal) => {
  const request = async () => {
    if (isClosed) throw new DOMException('The database connection is closing.', 'InvalidStateError');
  };
  const transaction = (_: unknown, mode: IDBTransactionMode = 'readonly') => {
    if (isClosed || mode === 'readwrite') {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    }
    return { objectStore: () => ({ get: request, getKey: request }) };
  };
  const close = () => {
    isClosed = true;
  };
  return {
    ...(await importOriginal<object>()),
    connect: async () => ({ close, get: request, getAll: request, transaction }),
  };
});

beforeEach(() => {
  isClosed = false;
  vi.stubGlobal('indexedDB', {});
});
afterEach(() => vi.unstubAllGlobals());

test.each([
  ['read'],
  ['revision'],
  ['crop', 'id'],
  ['logHead'],
  ['logRows'],
  ['damaged'],
  ['appendLog', 1, { expected: 0, rows: [], head: {} }],
  ['commit', 1, { meta: {} }],
  ['replace', 1, { meta: {} }, { onCommit: () => {} }],
] as const)('%s() of a database that its own tab has closed throws disposed', async (name, ...given) => {
  vi.stubGlobal('IDBKeyRange', { bound: () => undefined });
  const { indexedDBStore } = await import('../../../lib/gallery/storage/indexeddb.ts');
  const store = await indexedDBStore('gallery', {}, { onClose() {}, onReplaced() {} });
  store.close();
  const call = store[name] as (...given: readonly unknown[]) => Promise<unknown>;
  await expect(call(...given)).rejects.toMatchObject({ code: 'disposed' });
});
