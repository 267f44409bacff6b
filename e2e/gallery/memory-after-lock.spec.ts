import { expect, test } from '../support/gallery.ts';

/** What the page keeps between the steps of the test. */
interface Kept {
  gallery: import('../../lib/gallery/index.ts').Gallery;
  /** The one that was passed to open(). */
  passphrase: string;
}

test('the heap contains no passphrase after the calls that take one, and no name or metadata after lock()', async ({
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
  const calls = ['open', 'unlock', 'protect', 'rekey', 'changePassphrase', 'export'];
  const passphrases = calls.map((call) => `${call}passphraseofthetest`);
  const contents = ['nameofapersonofthetest', 'metadataofthetest'];
  await page.evaluate(async () => {
    const word = (reversed: string) => [...reversed].reverse().join('');
    // Joined from characters: the snapshot does not show the text of strings that are concatenations.
    const passphraseOf = (call: string) => [...call, ...word('tsetehtfoesarhpssap')].join('');
    const passphrase = passphraseOf('open');
    const [name, note] = [word('tsetehtfonosrepafoeman'), word('tsetehtfoatadatem')];
    const { Gallery } = galleries;
    const { facenet } = tools;
    // Protected after it was opened without a passphrase.
    const plain = await Gallery.open({ name: 'plain', facenet });
    await plain.protect(passphraseOf('protect'));
    await plain.lock();
    const gallery = await Gallery.open({ name: 'heap', facenet, passphrase });
    await gallery.enrol({ name, metadata: { note } }, tools.face(1));
    await gallery.rekey(passphraseOf('rekey'));
    await gallery.changePassphrase(passphraseOf('rekey'), passphraseOf('changePassphrase'));
    await gallery.rekey(passphraseOf('unlock'));
    await gallery.lock();
    await gallery.unlock(passphraseOf('unlock'));
    const file = await gallery.export({ passphrase: passphraseOf('export') });
    await gallery.import(file, { passphrase: passphraseOf('export') });
    Object.assign(globalThis, { plain, gallery, passphrase } satisfies Kept & { plain: unknown });
  });
  const kept = 'openpassphraseofthetest';
  // The search finds a passphrase that is kept, and what an unlocked gallery holds.
  expect(await inHeap([...passphrases, ...contents])).toEqual([kept, ...contents]);
  await page.evaluate(() => {
    delete (globalThis as Partial<Kept>).passphrase;
  });
  expect(await inHeap([...passphrases, ...contents])).toEqual(contents);
  await page.evaluate(() => (globalThis as unknown as Kept).gallery.lock());
  expect(await inHeap([...passphrases, ...contents])).toEqual([]);
  // The raw key is never in the heap: it is a CryptoKey that cannot be exported, and lock() drops the last reference.
  expect(await page.evaluate(() => (globalThis as unknown as Kept).gallery.locked)).toBe(true);
  expect(await countObjects('CryptoKey')).toBe(0);
  // Its compiled modules show that Argon2id has run. The memory of an instance would hold the passphrase and the key.
  expect(await countObjects('WebAssembly.Module')).toBeGreaterThan(0);
  expect(await countObjects('WebAssembly.Instance')).toBe(0);
  expect(await countObjects('WebAssembly.Memory')).toBe(0);
});
