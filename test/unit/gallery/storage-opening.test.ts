import { afterEach, expect, test, vi } from 'vitest';

const close = vi.fn();

vi.mock('../../../lib/gallery/storage/connection.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  connect: async () => ({
    close,
    transaction: () => {
      throw new DOMException('The disk cannot be read.', 'UnknownError');
    },
  }),
}));

afterEach(() => vi.unstubAllGlobals());

test('closes the database if it cannot be opened completely', async () => {
  const { indexedDBStore } = await import('../../../lib/gallery/storage/indexeddb.ts');
  vi.stubGlobal('indexedDB', {});
  // A removal is postponed: the opening reads to which database it belongs.
  vi.stubGlobal('localStorage', { getItem: () => '{}' });
  await expect(indexedDBStore('gallery', {}, { onClose() {}, onReplaced() {} })).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
  expect(close).toHaveBeenCalledOnce();
});
