import { expect, kill, openGallery, test } from '../support/gallery.ts';

const people = 30;

/**
 * The size of each crop in bytes, and where the page is killed: while the file is decrypted, within the transaction, at its
 * last record, and after it.
 */
const cases = [
  { size: 50_000, points: ['before the transaction', '40', '91', 'done'] },
  // 269 MB, which make a file of 478 MB. An import reads at most 480 MB.
  { size: 8_960_000, points: ['91'] },
];

/** Exports a gallery with a crop for each person to a file of the origin, which the other pages read. */
async function writeExport({ people, size }: { people: number; size: number }) {
  const gallery = await galleries.Gallery.open({ name: 'source', facenet: tools.facenet, passphrase: 'one' });
  for (let i = 0; i < people; i++) {
    const crop = new Blob([new Uint8Array(size).fill(i)]);
    await gallery.enrol({ name: `${i}` }, tools.face(i), { crop, allow: ['other-person'] });
  }
  const exported = await gallery.export({ passphrase: 'two' });
  await gallery.erase();
  const folder = await navigator.storage.getDirectory();
  const stream = await (await folder.getFileHandle('export', { create: true })).createWritable();
  await stream.write(exported);
  await stream.close();
}

/** Imports the export, and reports when the import reaches a point: the number of a put(), or the end. */
async function restoreUntil(point: string) {
  const keys = { name: 'restored', facenet: tools.facenet, passphrase: 'three' };
  const gallery = await galleries.Gallery.open(keys);
  const { put } = IDBObjectStore.prototype;
  let count = 0;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    if (++count === Number(point)) {
      // A transaction with a pending request stays open.
      const keepOpen = () => {
        this.count().onsuccess = keepOpen;
      };
      keepOpen();
      request.addEventListener('success', () => console.log('reached'));
    }
    return request;
  };
  if (point === 'before the transaction') {
    let decrypted = 0;
    const { decrypt } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.decrypt = function (...args) {
      if (++decrypted === 20) console.log('reached');
      return decrypted >= 20 ? new Promise(() => {}) : decrypt.apply(this, args);
    };
  }
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle('export')).getFile();
  const imported = await gallery.import(file, { passphrase: 'two' });
  console.log('reached');
  return [imported.people, count];
}

/** Imports the export into what a killed page has left. */
async function restoreAgain() {
  const gallery = await galleries.Gallery.open({ name: 'restored', passphrase: 'three' });
  const before = (await gallery.list()).length;
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle('export')).getFile();
  await gallery.import(file, { passphrase: 'two' });
  const crops: string[] = [];
  for (const { name, faces } of await gallery.list()) {
    const bytes = new Uint8Array((await (await gallery.crop(faces[0]?.id as string))?.arrayBuffer()) ?? []);
    // Compares bytes.
    const intact = indexedDB.cmp(bytes, new Uint8Array(bytes.length).fill(Number(name))) === 0;
    crops.push(`${bytes.length} ${intact ? 'intact' : 'damaged'}`);
  }
  const match = (await gallery.identify(tools.face(7))).match?.person.name;
  await gallery.erase();
  return { before, crops, match };
}

for (const { size, points } of cases) {
  const megabytes = (people * size) / 1e6;
  const tags = megabytes > 50 ? { tag: '@long' } : {};
  test(
    `a restore of ${megabytes} MB that is killed leaves nothing or everything, and succeeds when it is repeated`,
    tags,
    async ({ context, galleryPage: page, server }) => {
      // A busy machine takes minutes to write the large one.
      test.setTimeout(3_600_000);
      await page.evaluate(writeExport, { people, size });
      for (const point of points) {
        const dying = await openGallery(await context.newPage(), server);
        const reached = dying.waitForEvent('console', {
          predicate: (message) => message.text() === 'reached',
          timeout: 1_800_000,
        });
        // It never resolves when the page is killed.
        const written = dying.evaluate(restoreUntil, point).catch(() => undefined);
        await reached;
        // 30 people, templates and crops, and the gallery's own record.
        if (point === 'done') expect(await written).toEqual([people, 91]);
        await kill(dying);
        const outcome = await page.evaluate(restoreAgain);
        const crops = Array(people).fill(`${size} intact`);
        const before = point === 'done' ? people : 0;
        expect([point, outcome]).toEqual([point, { before, crops, match: '7' }]);
      }
    },
  );
}
