import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
  /** The number of calls of `onChange`. */
  changes: number;
};

test('reports the eviction of its database, and opens empty afterwards', async ({ galleryPage: page }) => {
  await page.evaluate(async () => {
    const globals = globalThis as unknown as Globals;
    globals.changes = 0;
    const { facenet, face } = tools;
    const onChange = () => void globals.changes++;
    globals.gallery = await galleries.Gallery.open({ name: 'evicted', facenet, onChange });
    await globals.gallery.enrol({ name: 'Ada' }, face(1));
    globals.changes = 0;
  });
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await page.waitForFunction(() => (globalThis as unknown as Globals).changes > 0);
  const result = await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    const { facenet, face } = tools;
    const codes = [await codeOf(gallery.list()), await codeOf(gallery.enrol({ name: 'Bob' }, face(2)))];
    const again = await galleries.Gallery.open({ name: 'evicted', facenet });
    const people = (await again.list()).length;
    await again.enrol({ name: 'Bob' }, face(2));
    return { codes, people, match: (await again.identify(face(2))).match?.person.name };
  });
  expect(result).toEqual({ codes: ['disposed', 'disposed'], people: 0, match: 'Bob' });
});

test('keeps the records before a change of keys whose new database was evicted', async ({
  context,
  galleryPage: page,
  server,
}) => {
  const dying = await openGallery(await context.newPage(), server);
  const marked = dying.waitForEvent('console', (message) => message.text() === 'marked');
  await dying.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'partial', facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['crop']) });
    const held = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('held');
      opening.onsuccess = () => resolve(opening.result);
    });
    const { deleteDatabase } = IDBFactory.prototype;
    IDBFactory.prototype.deleteDatabase = function (name) {
      // The next step deletes the database that is marked as replaced. A database that is open is never deleted.
      if (name !== 'facenet-gallery:partial') return deleteDatabase.call(this, name);
      console.log('marked');
      return deleteDatabase.call(this, held.name);
    };
    void gallery.changePassphrase('one', 'two');
  });
  await marked;
  await dying.close();
  const result = await page.evaluate(async () => {
    const { facenet, face, rows } = tools;
    const name = 'partial';
    const wasMarked = (await rows(name)).meta?.map((meta) => (meta as { replaced?: true }).replaced);
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(`facenet-gallery-replacement:${name}`).onsuccess = resolve;
    });
    const wrong = await codeOf(galleries.Gallery.open({ name, facenet, passphrase: 'two' }));
    const gallery = await galleries.Gallery.open({ name, facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Bob' }, face(2));
    const people = (await gallery.list()).map(({ name }) => name);
    const crop = await gallery.crop((await gallery.list())[0]?.faces[0]?.id as string);
    await gallery.changePassphrase('one', 'three');
    return {
      wasMarked,
      wrong,
      people,
      crop: await crop?.text(),
      match: (await gallery.identify(face(1))).match?.person.name,
    };
  });
  expect(result).toEqual({
    wasMarked: [true],
    wrong: 'key-wrong',
    people: ['Ada', 'Bob'],
    crop: 'crop',
    match: 'Ada',
  });
});
