import { createDatabase } from '../support/earlier-release.ts';
import { expect, openGallery, test } from '../support/gallery.ts';

test('a tab of release 0.1.0 that writes loses nothing when a tab of this release migrates the gallery', async ({
  context,
  galleryPage: page,
  server,
}) => {
  const old = await openGallery(await context.newPage(), server);
  await createDatabase(old, 'mixed');
  // Release 0.1.0 stores people one after another, and closes its connection when another tab asks for a newer version.
  const started = old.waitForEvent('console', (message) => message.text() === 'stored 5');
  const writing = old.evaluate(async () => {
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const open = async () => {
      const db = await resultOf(indexedDB.open('facenet-gallery:mixed', 2));
      db.onversionchange = () => db.close();
      return db;
    };
    const db = await open();
    const [template] = await resultOf(db.transaction('templates').objectStore('templates').getAll());
    const [first] = await resultOf(db.transaction('people').objectStore('people').getAll());
    const known = JSON.parse(new TextDecoder().decode(first.body.data));
    const stored = [];
    try {
      for (;;) {
        const person: { name: string } = { ...known, name: `Late ${stored.length}` };
        const id = crypto.randomUUID();
        const body = { iv: new Uint8Array(), data: new TextEncoder().encode(JSON.stringify(person)) };
        const transaction = db.transaction(['meta', 'people', 'templates'], 'readwrite');
        const meta = await resultOf(transaction.objectStore('meta').get('gallery'));
        transaction.objectStore('people').put({ id, body });
        transaction.objectStore('templates').put({ ...template, id: crypto.randomUUID(), person: id });
        transaction.objectStore('meta').put({ ...meta, revision: meta.revision + 1 }, 'gallery');
        await new Promise((resolve, reject) => {
          transaction.oncomplete = resolve;
          transaction.onabort = () => reject(transaction.error);
        });
        stored.push(person.name);
        console.log(`stored ${stored.length}`);
      }
    } catch (error) {
      const reopened = await open().then(
        () => 'opened',
        ({ name }: DOMException) => name,
      );
      return { stored, ended: (error as DOMException).name, reopened };
    }
  });
  await started;
  const result = await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'mixed' });
    const names = (await gallery.list()).map(({ name }) => name);
    const [person] = await gallery.list();
    await gallery.rename(person?.id as string, 'Renamed');
    return { names, renamed: (await gallery.list()).some(({ name }) => name === 'Renamed') };
  });
  const { stored, ended, reopened } = await writing;
  expect(stored.length).toBeGreaterThan(4);
  // The old tab can neither write nor open the gallery any more, and all that it stored is there.
  expect([ended, reopened]).toEqual(['InvalidStateError', 'VersionError']);
  expect(result.names.filter((name) => name.startsWith('Late')).sort()).toEqual(stored.sort());
  expect(result.renamed).toBe(true);
});
