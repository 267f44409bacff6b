import type { Page } from 'playwright/test';
import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
  /** Ends the full disk of {@link fillDisk}. */
  freeDisk: () => void;
  /** See {@link addEarlierRelease}. @returns the name of the error, or `opened`. */
  openEarlier: () => Promise<string>;
};

const first = 'facenet-gallery:unfinished';
const second = 'facenet-gallery-replacement:unfinished';

/** Lets a page write people to no first database, as on a disk that has no space for another copy. */
async function fillDisk(page: Page): Promise<void> {
  await page.evaluate((first) => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      const isRefused = this.name === 'people' && this.transaction.db.name === first;
      if (isRefused) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, given);
    };
    const freeDisk = () => {
      IDBObjectStore.prototype.put = put;
    };
    Object.assign(globalThis, { freeDisk });
  }, first);
}

/** Enrols Ada and changes the passphrase from "one" to "two", whose last copy does not fit. The gallery stays open. */
async function changeUnfinished(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'unfinished', facenet, passphrase: 'one', log: true });
    await gallery.enrol({ name: 'Ada' }, face(0), { crop: new Blob(['pixels']) });
    Object.assign(globalThis, { gallery });
  });
  await fillDisk(page);
  await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    await gallery.changePassphrase('one', 'two');
    // Waits until the gallery is connected to the second database.
    await gallery.list();
  });
  expect(await databases(page)).toEqual([second, first]);
}

const databases = (page: Page) =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name as string).sort());

const open = (page: Page, passphrase = 'two') =>
  page.evaluate(async (passphrase) => {
    const gallery = await galleries.Gallery.open({ name: 'unfinished', passphrase });
    Object.assign(globalThis, { gallery });
  }, passphrase);

const enrol = (page: Page, name: string, seed: number) =>
  page.evaluate(
    async ({ name, seed }) => {
      const { gallery } = globalThis as unknown as Globals;
      await gallery.enrol({ name }, tools.face(seed));
    },
    { name, seed },
  );

const list = (page: Page) =>
  page.evaluate(async () => (await (globalThis as unknown as Globals).gallery.list()).map(({ name }) => name).sort());

test('tabs write to the second database, and continue with the first one when a page with space has copied it', async ({
  galleryPage: page,
  context,
  server,
}) => {
  await changeUnfinished(page);
  const other = await openGallery(await context.newPage(), server);
  await fillDisk(other);
  await open(other);
  await enrol(page, 'Bob', 1);
  await enrol(other, 'Cleo', 2);
  expect([await list(page), await list(other)]).toEqual(Array(2).fill(['Ada', 'Bob', 'Cleo']));
  expect(await databases(page)).toEqual([second, first]);

  const completing = await openGallery(await context.newPage(), server);
  await open(completing);
  expect(await databases(page)).toEqual([first]);
  await page.evaluate(() => (globalThis as unknown as Globals).freeDisk());
  await enrol(page, 'Dan', 3);
  for (const tab of [page, other, completing]) expect(await list(tab)).toEqual(['Ada', 'Bob', 'Cleo', 'Dan']);
  const read = await other.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    const [ada] = await gallery.list();
    const crop = await gallery.crop(ada?.faces[0]?.id as string);
    return { crop: await crop?.text(), events: (await gallery.log()).map(({ event }) => event) };
  });
  expect(read).toEqual({
    crop: 'pixels',
    events: ['log-started', 'enrolled', 'changed', 'enrolled', 'enrolled', 'enrolled'],
  });
});

test('nothing is lost that a tab writes after the page was killed between the last copy and the deletion of the second database', async ({
  galleryPage: page,
  context,
  server,
}) => {
  await changeUnfinished(page);
  const dying = await openGallery(await context.newPage(), server);
  const copied = dying.waitForEvent('console', (message) => message.text() === 'copied');
  await dying.evaluate(async (second) => {
    const held = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('held');
      opening.onsuccess = () => resolve(opening.result);
    });
    const { deleteDatabase } = IDBFactory.prototype;
    IDBFactory.prototype.deleteDatabase = function (name) {
      if (name !== second) return deleteDatabase.call(this, name);
      console.log('copied');
      // A database that is open is never deleted.
      return deleteDatabase.call(this, held.name);
    };
    void galleries.Gallery.open({ name: 'unfinished', passphrase: 'two' });
  }, second);
  await copied;
  await dying.close();
  await page.evaluate(() => (globalThis as unknown as Globals).freeDisk());
  await enrol(page, 'Bob', 1);
  const other = await openGallery(await context.newPage(), server);
  await open(other);
  expect([await list(page), await list(other)]).toEqual(Array(2).fill(['Ada', 'Bob']));
  expect(await databases(page)).not.toContain(second);
});

test('keys can be changed again as soon as there is space for the last copy', async ({
  galleryPage: page,
  context,
  server,
}) => {
  await changeUnfinished(page);
  const codes = await page.evaluate(async () => {
    const { gallery, freeDisk } = globalThis as unknown as Globals;
    const codes = [await codeOf(gallery.rekey('three')), await codeOf(gallery.list())];
    freeDisk();
    return [...codes, await codeOf(gallery.rekey('three'))];
  });
  expect(codes).toEqual(['storage-full', 'no error', 'no error']);
  expect(await databases(page)).toEqual([first]);
  const other = await openGallery(await context.newPage(), server);
  expect(await other.evaluate(() => codeOf(galleries.Gallery.open({ name: 'unfinished', passphrase: 'two' })))).toBe(
    'key-wrong',
  );
  await open(other, 'three');
  expect([await list(page), await list(other)]).toEqual(Array(2).fill(['Ada']));
});

test('records that a repair sets aside in the second database stay set aside', async ({ galleryPage: page }) => {
  await changeUnfinished(page);
  const damaged = await page.evaluate(async (second) => {
    const { gallery, freeDisk } = globalThis as unknown as Globals;
    await gallery.close();
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const db = await resultOf(indexedDB.open(second));
    const crops = db.transaction('crops', 'readwrite').objectStore('crops');
    const [row] = await resultOf(crops.getAll());
    await resultOf(crops.put({ ...row, body: { ...row.body, data: new Uint8Array(9) } }));
    db.close();
    const kindsOf = async (repair: boolean) => {
      const gallery = await galleries.Gallery.open({ name: 'unfinished', passphrase: 'two', repair });
      const kinds = (await gallery.damaged()).map(({ kind }) => kind);
      await gallery.close();
      return [...kinds, (await indexedDB.databases()).length];
    };
    const before = await kindsOf(true);
    freeDisk();
    return [before, await kindsOf(false)];
  }, second);
  expect(damaged).toEqual([
    ['crop', 2],
    ['crop', 1],
  ]);
});

test('an erase in another tab deletes both databases', async ({ galleryPage: page, context, server }) => {
  await changeUnfinished(page);
  const other = await openGallery(await context.newPage(), server);
  await other.evaluate(() => galleries.Gallery.erase('unfinished'));
  expect(await databases(page)).toEqual([]);
  expect(await page.evaluate(() => codeOf((globalThis as unknown as Globals).gallery.list()))).toBe('disposed');
  const people = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'unfinished', facenet: tools.facenet });
    return (await gallery.list()).length;
  });
  expect(people).toBe(0);
});

/** Lets a page request the first database as release 0.1.0 does, which opens version 2. The request closes what it opened. */
async function addEarlierRelease(page: Page): Promise<void> {
  await page.evaluate((first) => {
    const { open } = IDBFactory.prototype;
    const openEarlier = () => {
      const opening = open.call(indexedDB, first, 2);
      opening.onupgradeneeded = () => {
        const meta = { revision: 1, rule: tools.facenet.rule };
        opening.result.createObjectStore('meta').put(meta, 'gallery');
        for (const name of ['people', 'templates', 'crops']) opening.result.createObjectStore(name, { keyPath: 'id' });
      };
      return new Promise<string>((resolve) => {
        opening.onerror = () => resolve(opening.error?.name as string);
        opening.onsuccess = () => {
          opening.result.close();
          resolve('opened');
        };
      });
    };
    Object.assign(globalThis, { openEarlier });
  }, first);
}

test('an earlier release cannot open the gallery, and a database that it creates does not count', async ({
  galleryPage: page,
}) => {
  await changeUnfinished(page);
  await addEarlierRelease(page);
  const openEarlier = () => page.evaluate(() => (globalThis as unknown as Globals).openEarlier());
  expect(await openEarlier()).toBe('VersionError');
  await page.evaluate(async (first) => {
    await (globalThis as unknown as Globals).gallery.close();
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(first).onsuccess = resolve;
    });
  }, first);
  expect(await openEarlier()).toBe('opened');
  await page.evaluate(() => (globalThis as unknown as Globals).freeDisk());
  await open(page);
  expect([await list(page), await databases(page)]).toEqual([['Ada'], [first]]);
});

test('an earlier release may create a database at any time while the last copy is made', async ({
  galleryPage: page,
}) => {
  await changeUnfinished(page);
  await addEarlierRelease(page);
  const people = await page.evaluate(async (first) => {
    const { gallery, freeDisk, openEarlier } = globalThis as unknown as Globals;
    await gallery.close();
    const { open } = IDBFactory.prototype;
    const reopened: string[][] = [];
    let openings = 0;
    /** Opens the gallery. Before the given opening of the first database, an earlier release creates it anew. */
    const openWith = async (interrupted: number) => {
      openings = 0;
      IDBFactory.prototype.open = function (...given) {
        if (given[0] === first && ++openings === interrupted) {
          // The browser answers the requests for a database in their order.
          indexedDB.deleteDatabase(first);
          void openEarlier();
        }
        return open.apply(this, given);
      };
      const gallery = await galleries.Gallery.open({ name: 'unfinished', passphrase: 'two' });
      IDBFactory.prototype.open = open;
      reopened.push((await gallery.list()).map(({ name }) => name));
      await gallery.close();
    };
    let interrupted = 0;
    do await openWith(++interrupted);
    while (openings >= interrupted);
    freeDisk();
    await openWith(2);
    return reopened;
  }, first);
  expect(people.length).toBeGreaterThan(3);
  expect(people).toEqual(people.map(() => ['Ada']));
  expect(await databases(page)).toEqual([first]);
});
