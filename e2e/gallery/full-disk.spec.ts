import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
};

test('people are removed while the disk is full, with entries in the log, and for every later tab', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  // Before the first use, because Chromium caches the quota for a while.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 });
  const result = await page.evaluate(async () => {
    const { facenet, face, rows } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full', facenet, passphrase: 'one', log: true });
    // Fills the disk to the last bytes: noise is stored uncompressed.
    let count = 0;
    for (let bytes = 1 << 20; bytes >= 16; ) {
      const noise = Array.from({ length: Math.ceil(bytes / 65_536) }, () =>
        crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))),
      );
      const options = { crop: new Blob(noise), allow: ['other-person' as const] };
      const code = await codeOf(gallery.enrol({ name: `${count}` }, face(count), options));
      if (code === 'no error') count++;
      else if (code === 'storage-full') bytes /= 2;
      else throw new Error(code);
    }
    const people = await gallery.list();
    const full = await codeOf(gallery.rename(people[0]?.id as string, 'renamed'));
    const removed = [];
    for (const { id } of people.slice(0, 2)) removed.push(await codeOf(gallery.remove(id)));
    const left = (await gallery.list()).map(({ name }) => name);
    const events = (await gallery.log()).slice(-2).map(({ event }) => event);
    await gallery.close();
    const stored = (await rows('full')).people?.length;
    return { count, full, removed, left, events, stored };
  });
  const names = Array.from({ length: result.count - 2 }, (_, i) => `${i + 2}`);
  expect(result).toEqual({
    count: result.count,
    full: 'storage-full',
    removed: ['no error', 'no error'],
    left: names,
    events: ['erased', 'erased'],
    stored: result.count - 2,
  });

  await session.send('Storage.overrideQuotaForOrigin', { origin });
  const other = await openGallery(await context.newPage(), server);
  const read = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'full', passphrase: 'one' });
    const names = (await gallery.list()).map(({ name }) => name);
    return { names, events: (await gallery.log()).filter(({ event }) => event === 'erased').length };
  });
  expect(read).toEqual({ names, events: 2 });
});

test('a removal that only deletes is seen by other tabs, completed once there is space, and erased with the gallery', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  const keys = { name: 'full', passphrase: 'one' };
  const removed = await page.evaluate(async (keys) => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ ...keys, facenet, log: true });
    const ids = [];
    for (const [i, name] of ['Ada', 'Bob', 'Cleo', 'Dan'].entries()) {
      const enrolment = await gallery.enrol({ name }, face(i));
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    const globals = globalThis as unknown as Globals & { put: typeof IDBObjectStore.prototype.put; ids: string[] };
    globals.gallery = gallery;
    globals.ids = ids;
    globals.put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    for (const id of ids.slice(0, 2)) await gallery.remove(id);
    const names = (await gallery.list()).map(({ name }) => name);
    const refused = [await codeOf(gallery.rename(ids[2] as string, 'C')), await codeOf(gallery.protect('two'))];
    return { names, refused, waiting: localStorage.length, rows: (await tools.rows('full')).people?.length };
  }, keys);
  expect(removed).toEqual({
    names: ['Cleo', 'Dan'],
    refused: ['storage-full', 'option-invalid'],
    waiting: 1,
    rows: 2,
  });
  // Another tab, whose disk has space, completes both removals with its own change.
  const completed = await other.evaluate(async (keys) => {
    const gallery = await galleries.Gallery.open(keys);
    const names = (await gallery.list()).map(({ name }) => name);
    const before = [(await gallery.log()).filter(({ event }) => event === 'erased').length, localStorage.length];
    await gallery.rename((await gallery.list())[0]?.id as string, 'C');
    const events = (await gallery.log()).slice(-3).map(({ event }) => event);
    return { names, before, events, waiting: localStorage.length };
  }, keys);
  expect(completed).toEqual({
    names: ['Cleo', 'Dan'],
    before: [2, 1],
    events: ['erased', 'erased', 'changed'],
    waiting: 0,
  });
  const erased = await page.evaluate(async () => {
    const { gallery, put, ids } = globalThis as unknown as Globals & {
      put: typeof IDBObjectStore.prototype.put;
      ids: string[];
    };
    const names = (await gallery.list()).map(({ name }) => name);
    await gallery.remove(ids[3] as string);
    const waiting = localStorage.length;
    IDBObjectStore.prototype.put = put;
    await gallery.erase();
    return { names, waiting, left: [localStorage.length, (await indexedDB.databases()).length] };
  });
  expect(erased).toEqual({ names: ['C', 'Dan'], waiting: 1, left: [0, 0] });
});
