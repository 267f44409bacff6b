import { expect, test } from '../support/gallery.ts';

test('the heap contains neither the passphrase nor a name after lock(), and both before', async ({
  galleryPage: page,
}) => {
  const session = await page.context().newCDPSession(page);
  /** The words that are in a string of the page's heap. Strings are not in their snapshot if the page has them not. */
  const inHeap = async (words: readonly string[]) => {
    let snapshot = '';
    const collect = ({ chunk }: { chunk: string }) => {
      snapshot += chunk;
    };
    session.on('HeapProfiler.addHeapSnapshotChunk', collect);
    await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    session.off('HeapProfiler.addHeapSnapshotChunk', collect);
    return words.filter((word) => snapshot.includes(word));
  };
  /** The number of objects of a class in the page's heap. */
  const countObjects = async (name: string): Promise<unknown> => {
    const { result } = await session.send('Runtime.evaluate', { expression: `${name}.prototype` });
    const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId as string });
    const count = await session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId as string,
      functionDeclaration: 'function () { return this.length; }',
    });
    return count.result.value;
  };
  // Assembled in the page, so that the script does not contain them.
  const words = ['passphraseofthetest', 'nameofapersonofthetest', 'metadataofthetest'];
  await page.evaluate(async () => {
    const reversed = ['tsetehtfoesarhpssap', 'tsetehtfonosrepafoeman', 'tsetehtfoatadatem'];
    const [passphrase, name, note] = reversed.map((word) => [...word].reverse().join('')) as [string, string, string];
    const gallery = await galleries.Gallery.open({ name: 'heap', facenet: tools.facenet, passphrase });
    await gallery.enrol({ name, metadata: { note } }, tools.face(1));
    Object.assign(globalThis, { gallery });
  });
  expect(await inHeap(words)).toEqual(words.slice(1));
  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.lock(),
  );
  expect(await inHeap(words)).toEqual([]);
  // The raw key is never in the heap: it is a CryptoKey that cannot be exported, and lock() drops the last reference.
  expect(await page.evaluate(() => (globalThis as unknown as { gallery: { locked: boolean } }).gallery.locked)).toBe(
    true,
  );
  expect(await countObjects('CryptoKey')).toBe(0);
  // Its compiled modules show that Argon2id has run. The memory of an instance would hold the passphrase and the key.
  expect(await countObjects('WebAssembly.Module')).toBeGreaterThan(0);
  expect(await countObjects('WebAssembly.Instance')).toBe(0);
  expect(await countObjects('WebAssembly.Memory')).toBe(0);
});
