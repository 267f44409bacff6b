import type { Browser, CDPSession, Page } from 'playwright/test';
import { createDatabase } from '../support/earlier-release.ts';
import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
  /** The number of calls of `onChange`. */
  changes: number;
};

const originOf = (page: Page) => new URL(page.url()).origin;
const sessionOf = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page);

/** The process of a page: the one whose processor time grows while the page computes. */
async function processOf(page: Page, browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const times = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  const grown = async () => {
    await page.evaluate(() => {
      for (const start = performance.now(); performance.now() - start < 200; );
    });
    const list = [...(await times())].map(([id, time]) => ({ id, seconds: time - (before.get(id) ?? 0) }));
    return list.sort((a, b) => b.seconds - a.seconds);
  };
  for (;;) {
    const [first, second] = await grown();
    if (first && first.seconds > 0.3 + 2 * (second?.seconds ?? 0)) return first.id;
  }
}

test('people are removed while the disk is full, with entries in the log, and for every later tab', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const session = await sessionOf(page);
  // Before the first use, because Chromium caches the quota for a while.
  await session.send('Storage.overrideQuotaForOrigin', { origin: originOf(page), quotaSize: 4_000_000 });
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

  await session.send('Storage.overrideQuotaForOrigin', { origin: originOf(page) });
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
  const session = await sessionOf(page);
  await session.send('Storage.clearDataForOrigin', { origin: originOf(page), storageTypes: 'indexeddb' });
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

test('a page whose process is suspended is locked by the wall clock, and an erase in another tab reports it', async ({
  browser,
  context,
  galleryPage: page,
  server,
}) => {
  const suspended = await openGallery(await context.newPage(), server);
  const pid = await processOf(suspended, browser);
  const deadline = await suspended.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'asleep', facenet, passphrase: 'one', lockAfter: 2000 });
    const other = await galleries.Gallery.open({ name: 'kept', facenet, passphrase: 'one', lockAfter: 2000 });
    await other.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery, other });
    return Date.now() + 2000;
  });
  // As browsers suspend background tabs, and systems all processes.
  process.kill(pid, 'SIGSTOP');
  try {
    const outcome = await page.evaluate(() => {
      const abort = new AbortController();
      const options = { signal: abort.signal, onBlocked: () => abort.abort('blocked') };
      return galleries.Gallery.erase('asleep', options).then(
        () => 'erased',
        (reason: unknown) => String(reason),
      );
    });
    expect(outcome).toBe('blocked');
    await expect.poll(() => Date.now() > deadline).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const locked = () => (globalThis as unknown as Record<'other', Globals['gallery']>).other.locked;
  expect(await suspended.evaluate(locked)).toBe(true);
  // The page closes the database now, and the browser ends the erase.
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  await expect.poll(names).toEqual(['facenet-gallery:kept']);
  const after = await suspended.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    return [await codeOf(gallery.list()), await codeOf(gallery.unlock('one'))];
  });
  expect(after).toEqual(['disposed', 'disposed']);
});

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

test('a restore that is killed leaves nothing or everything, and succeeds when it is repeated', async ({
  context,
  galleryPage: page,
  server,
}) => {
  const people = 30;
  const text = await page.evaluate(async (people) => {
    const gallery = await galleries.Gallery.open({ name: 'source', facenet: tools.facenet, passphrase: 'one' });
    for (let i = 0; i < people; i++) {
      const crop = new Blob([new Uint8Array(50_000).fill(i)]);
      await gallery.enrol({ name: `${i}` }, tools.face(i), { crop, allow: ['other-person'] });
    }
    return (await gallery.export({ passphrase: 'two' })).text();
  }, people);
  // Killed while the file is decrypted, within the transaction, at its last record, and after it.
  const points = { 'before the transaction': 0, '40': 0, '91': 0, done: people };
  for (const [point, expected] of Object.entries(points)) {
    const dying = await openGallery(await context.newPage(), server);
    const reached = dying.waitForEvent('console', (message) => message.text() === 'reached');
    const work = dying.evaluate(
      async ({ text, point }) => {
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
        const imported = await gallery.import(new Blob([text]), { passphrase: 'two' });
        console.log('reached');
        return [imported.people, count];
      },
      { text, point },
    );
    // It never resolves when the page is killed.
    const written = work.catch(() => undefined);
    await reached;
    // 30 people, templates and crops, and the gallery's own record.
    if (point === 'done') expect(await written).toEqual([people, 91]);
    const session = await sessionOf(dying);
    void session.send('Page.crash').catch(() => {});
    await dying.waitForEvent('crash');
    await dying.close();
    const outcome = await page.evaluate(async (text) => {
      const gallery = await galleries.Gallery.open({ name: 'restored', passphrase: 'three' });
      const before = (await gallery.list()).length;
      await gallery.import(new Blob([text]), { passphrase: 'two' });
      const people = await gallery.list();
      const crops = await Promise.all(people.map(({ faces }) => gallery.crop(faces[0]?.id as string)));
      const match = (await gallery.identify(tools.face(7))).match?.person.name;
      await gallery.erase();
      return { before, after: people.length, bytes: crops.map((crop) => crop?.size), match };
    }, text);
    expect([point, outcome]).toEqual([
      point,
      { before: expected, after: people, bytes: Array(people).fill(50_000), match: '7' },
    ]);
  }
});
