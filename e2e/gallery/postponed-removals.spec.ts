import type { Page } from 'playwright/test';
import type { Server } from '../../scripts/kit/browser.ts';
import { expect, openGallery, test, waitingFor } from '../support/gallery.ts';

type Globals = { gallery: import('../../lib/gallery/index.ts').Gallery };

test('a gallery with a broken log is opened for repair on a full disk, removes people, and restarts the log for every tab', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  const repaired = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const day = 86_400_000;
    const gallery = await galleries.Gallery.open({ name: 'full', facenet, log: true });
    const ids = [];
    for (const [i, name] of ['Ada', 'Bob', 'Cleo'].entries()) {
      const expiresAt = name === 'Ada' ? { expiresAt: new Date(Date.now() + day) } : {};
      const enrolment = await gallery.enrol({ name }, face(i), expiresAt);
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    await gallery.close();
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const db = await resultOf(indexedDB.open('facenet-gallery:full'));
    const log = db.transaction('log', 'readwrite').objectStore('log');
    const head = await resultOf(log.get('head'));
    await resultOf(log.put({ ...head, body: { ...head.body, data: new Uint8Array(9) } }, 'head'));
    db.close();
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const { now } = Date;
    Date.now = () => now() + 2 * day;
    const realDate = Date;
    const laterDate = class extends realDate {
      constructor(...given: []) {
        super(...((given.length === 0 ? [realDate.now()] : given) as []));
      }
    };
    globalThis.Date = laterDate as DateConstructor;
    const opened = await galleries.Gallery.open({ name: 'full', repair: true });
    const names = (await opened.list()).map(({ name }) => name);
    const events = (await opened.log()).map(({ event }) => event);
    await opened.remove(ids[1] as string);
    const left = (await opened.log()).map(({ event }) => event);
    await opened.close();
    globalThis.Date = realDate;
    Object.assign(Date, { now });
    IDBObjectStore.prototype.put = put;
    return { names, events, left, waiting: localStorage.length };
  });
  expect(repaired).toEqual({
    names: ['Bob', 'Cleo'],
    events: ['log-started', 'erased'],
    left: ['log-started', 'erased', 'erased'],
    waiting: 1,
  });
  const read = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'full' });
    const people = await gallery.list();
    const events = (await gallery.log()).map(({ event }) => event);
    await gallery.rename(people[0]?.id as string, 'C');
    const after = (await gallery.log()).map(({ event }) => event);
    const stored = (await tools.rows('full')).log?.length;
    return { names: people.map(({ name }) => name), events, after, stored, waiting: localStorage.length };
  });
  expect(read).toEqual({
    names: ['Cleo'],
    events: ['log-started', 'erased', 'erased'],
    after: ['log-started', 'erased', 'erased', 'changed'],
    // The entries and the head. Nothing of the broken log is left.
    stored: 5,
    waiting: 0,
  });
});

test('a change that waits for a tab which writes a postponed removal can be aborted, and says that it waits', async ({
  galleryPage: page,
  context,
  server,
}) => {
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({
      ...{ name: 'full', facenet, passphrase: 'one', log: true },
      onBlocked: () => console.log('blocked'),
    });
    const { put } = IDBObjectStore.prototype;
    const ids: string[] = [];
    for (const [i, name] of ['Ada', 'Bob', 'Cleo'].entries()) {
      const enrolment = await gallery.enrol({ name }, face(i));
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await gallery.remove(ids[0] as string);
    IDBObjectStore.prototype.put = put;
    Object.assign(globalThis, { gallery, ids });
  });
  const other = await openGallery(await context.newPage(), server);
  await other.evaluate(
    () =>
      new Promise<void>((resolve) => {
        void navigator.locks.request('facenet-gallery:full', () => {
          resolve();
          return new Promise<void>((release) => Object.assign(globalThis, { release }));
        });
      }),
  );
  const blocked = page.waitForEvent('console', (message) => message.text() === 'blocked');
  const aborted = page.evaluate(async () => {
    const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
    const controller = new AbortController();
    const { signal } = controller;
    Object.assign(globalThis, { controller });
    const calls = [
      gallery.rename(ids[1] as string, 'B', { signal }),
      gallery.changePassphrase('one', 'two', { signal }),
      gallery.identify(tools.face(1), { signal }),
      gallery.remove(ids[2] as string, undefined, { signal }),
    ];
    const outcomes = await Promise.allSettled(calls);
    return outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === signal.reason);
  });
  await blocked;
  await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort());
  expect(await aborted).toEqual([true, true, true, true]);
  await other.evaluate(() => (globalThis as unknown as { release: () => void }).release());
  const after = await page.evaluate(async () => {
    const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
    const names = (await gallery.list()).map(({ name }) => name);
    await gallery.rename(ids[1] as string, 'B');
    return { names, renamed: (await gallery.list()).map(({ name }) => name) };
  });
  expect(after).toEqual({ names: ['Bob', 'Cleo'], renamed: ['B', 'Cleo'] });
});

type Keys = { passphrase?: string };

/** Opens a gallery of three people in a page, whose disk is full from then on, and in another tab, whose disk has space. */
async function openBeside(page: Page, server: Server, keys: Keys): Promise<Page> {
  await page.evaluate(async (keys) => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full', facenet, log: true, ...keys });
    const ids: string[] = [];
    for (const [i, name] of ['Ada', 'Bob', 'Cleo'].entries()) {
      const enrolment = await gallery.enrol({ name }, face(i));
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    Object.assign(globalThis, { gallery, ids });
  }, keys);
  await fillDisk(page);
  const other = await openGallery(await page.context().newPage(), server);
  await other.evaluate(async (keys) => {
    const gallery = await galleries.Gallery.open({ name: 'full', ...keys });
    const ids = (await gallery.list()).map(({ id }) => id);
    Object.assign(globalThis, { gallery, ids });
  }, keys);
  return other;
}

/** From now on, the page cannot write to IndexedDB. */
async function fillDisk(page: Page): Promise<void> {
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
}

/** From now on, a removal ends as if the page were killed after it is kept in localStorage, and before the deletion. */
async function endAtDeletion(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, value) {
      setItem.call(this, key, value);
      Storage.prototype.setItem = Storage.prototype.removeItem = () => {};
      IDBObjectStore.prototype.delete = () => {
        throw new DOMException('The page ends.', 'AbortError');
      };
    };
  });
}

/** Removes the first person. @returns the code of its error. */
function removeFirst(page: Page): Promise<string> {
  return codeOfRemoval(page, 0);
}

/** Removes the person of this index. @returns the code of its error. */
function codeOfRemoval(page: Page, index: number): Promise<string> {
  return page.evaluate(async (index) => {
    const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
    const removing = codeOf(gallery.remove(ids[index] as string));
    void removing.then(() => Object.assign(globalThis, { ended: true }));
    return removing;
  }, index);
}

/** From now on, the page reads from localStorage what it has now, until it calls `arrive()`. */
async function delayLocalStorage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { getItem } = Storage.prototype;
    const before = { ...localStorage };
    Object.assign(globalThis, { accesses: 0, arrive: () => Object.assign(Storage.prototype, { getItem }) });
    Storage.prototype.getItem = (key) => {
      (globalThis as unknown as { accesses: number }).accesses++;
      return before[key] ?? null;
    };
  });
}

/** How often the page has read localStorage since {@link delayLocalStorage}. */
function accessesOf(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { accesses: number }).accesses);
}

/** The names and the log of the gallery, as another tab reads them. */
async function readAnew(page: Page, server: Server, keys: Keys) {
  const reader = await openGallery(await page.context().newPage(), server);
  return reader.evaluate(async (keys) => {
    const gallery = await galleries.Gallery.open({ name: 'full', ...keys });
    const names = (await gallery.list()).map(({ name }) => name);
    const events = (await gallery.log()).map(({ event }) => event);
    await gallery.close();
    return { names, events };
  }, keys);
}

for (const { what, keys } of [
  { what: 'rekey', keys: { passphrase: 'one' } },
  { what: 'protect', keys: {} },
] as const) {
  test(`a removal on a full disk waits for a ${what} in another tab, and does not succeed before it`, async ({
    galleryPage: page,
    server,
  }) => {
    const other = await openBeside(page, server, keys);
    const isReached = other.waitForEvent('console', (message) => message.text() === 'reached');
    const changed = other.evaluate((what) => {
      // Stays within the transaction that writes the new database, before the mark.
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...args) {
        const request = put.apply(this, args);
        if (this.name === 'meta' && this.transaction.db.name === 'facenet-gallery-replacement:full') {
          const keepOpen = () => {
            if (!('isReleased' in globalThis)) this.count().onsuccess = keepOpen;
          };
          keepOpen();
          console.log('reached');
        }
        return request;
      };
      return codeOf((globalThis as unknown as Globals).gallery[what]('two'));
    }, what);
    await isReached;
    const removed = removeFirst(page);
    const hasEnded = () => page.evaluate(() => 'ended' in globalThis);
    await expect
      .poll(async () => (await hasEnded()) || (await waitingFor(page, 'facenet-gallery:full')) > 0)
      .toBe(true);
    await other.evaluate(() => Object.assign(globalThis, { isReleased: true }));
    expect([await changed, await removed]).toEqual(['no error', 'gallery-locked']);
    const again = await page.evaluate(async () => {
      const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
      await gallery.unlock('two');
      return [await codeOf(gallery.remove(ids[0] as string)), localStorage.length];
    });
    expect(again).toEqual(['no error', 1]);
    expect((await readAnew(page, server, { passphrase: 'two' })).names).toEqual(['Bob', 'Cleo']);
  });
}

for (const { what, event } of [
  { what: 'identify', event: 'identified' },
  { what: 'rename', event: 'changed' },
] as const) {
  test(`${what} in a tab that has waited while another one postponed a removal is written after the removal`, async ({
    galleryPage: page,
    server,
  }) => {
    const keys = { passphrase: 'one' };
    const other = await openBeside(page, server, keys);
    const isReached = other.waitForEvent('console', (message) => message.text() === 'reached');
    const written = other.evaluate(async (what) => {
      const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
      const { request } = navigator.locks;
      const released = new Promise<void>((resolve) => Object.assign(globalThis, { release: resolve }));
      navigator.locks.request = (async (...given: Parameters<typeof request>) => {
        if (given[0] === 'facenet-gallery:full') {
          console.log('reached');
          await released;
        }
        return request.apply(navigator.locks, given);
      }) as typeof request;
      const calls = {
        identify: () => gallery.identify(tools.face(2)),
        rename: () => gallery.rename(ids[2] as string, 'C'),
      };
      return codeOf(calls[what]());
    }, what);
    await isReached;
    expect(await removeFirst(page)).toBe('no error');
    await other.evaluate(() => (globalThis as unknown as { release: () => void }).release());
    expect(await written).toBe('no error');
    expect(await readAnew(page, server, keys)).toEqual({
      names: ['Bob', what === 'rename' ? 'C' : 'Cleo'],
      events: ['log-started', 'enrolled', 'enrolled', 'enrolled', 'erased', event],
    });
  });
}

for (const { what, events } of [
  { what: 'identify', events: ['erased', 'identified'] },
  { what: 'rename', events: ['erased', 'changed'] },
  { what: 'remove', events: ['erased', 'erased'] },
] as const) {
  test(`${what} in a tab to which localStorage is late is written after a removal that another tab has postponed`, async ({
    galleryPage: page,
    server,
  }) => {
    const keys = { passphrase: 'one' };
    const other = await openBeside(page, server, keys);
    await delayLocalStorage(other);
    expect(await removeFirst(page)).toBe('no error');
    const writing = other.evaluate(async (what) => {
      const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
      const calls = {
        identify: () => gallery.identify(tools.face(2)),
        rename: () => gallery.rename(ids[2] as string, 'C'),
        remove: () => gallery.remove(ids[1] as string),
      };
      return codeOf(calls[what]());
    }, what);
    await expect.poll(() => accessesOf(other)).toBeGreaterThan(3);
    await other.evaluate(() => (globalThis as unknown as { arrive: () => void }).arrive());
    expect(await writing).toBe('no error');
    const names = { identify: ['Bob', 'Cleo'], rename: ['Bob', 'C'], remove: ['Cleo'] }[what];
    expect(await readAnew(page, server, keys)).toEqual({
      names,
      events: ['log-started', 'enrolled', 'enrolled', 'enrolled', ...events],
    });
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });
}

test('a tab that sees only the first of two postponed removals waits for the second', async ({
  galleryPage: page,
  server,
}) => {
  const other = await openBeside(page, server, {});
  expect(await removeFirst(page)).toBe('no error');
  await delayLocalStorage(other);
  expect(await codeOfRemoval(page, 1)).toBe('no error');
  const listing = other.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    return (await gallery.list()).map(({ name }) => name);
  });
  await expect.poll(() => accessesOf(other)).toBeGreaterThan(3);
  await other.evaluate(() => (globalThis as unknown as { arrive: () => void }).arrive());
  expect(await listing).toEqual(['Cleo']);
  const renamed = other.evaluate(async () => {
    const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
    return codeOf(gallery.rename(ids[2] as string, 'C'));
  });
  expect(await renamed).toBe('no error');
  expect(await readAnew(page, server, {})).toEqual({
    names: ['C'],
    events: ['log-started', 'enrolled', 'enrolled', 'enrolled', 'erased', 'erased', 'changed'],
  });
});

test('a second removal that another tab postpones lasts beside the first', async ({ galleryPage: page, server }) => {
  const other = await openBeside(page, server, {});
  await fillDisk(other);
  expect([await removeFirst(page), await codeOfRemoval(other, 1)]).toEqual(['no error', 'no error']);
  expect(await page.evaluate(() => localStorage.length)).toBe(1);
  expect(await readAnew(page, server, {})).toEqual({
    names: ['Cleo'],
    events: ['log-started', 'enrolled', 'enrolled', 'enrolled', 'erased', 'erased'],
  });
});

test('a tab to which localStorage is late does not take a removal that did not take place for a later one', async ({
  galleryPage: page,
  server,
}) => {
  const other = await openBeside(page, server, {});
  await fillDisk(other);
  const third = await openGallery(await page.context().newPage(), server);
  const cleo = await third.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'full' });
    Object.assign(globalThis, { gallery });
    return (await gallery.list())[2]?.id as string;
  });
  await endAtDeletion(page);
  expect(await removeFirst(page)).toBe('storage-unavailable');
  expect(await page.evaluate(() => localStorage.length)).toBe(1);
  await page.close();
  await delayLocalStorage(third);
  expect(await codeOfRemoval(other, 1)).toBe('no error');
  const renamed = third.evaluate((id) => codeOf((globalThis as unknown as Globals).gallery.rename(id, 'C')), cleo);
  await expect.poll(() => accessesOf(third)).toBeGreaterThan(3);
  await third.evaluate(() => (globalThis as unknown as { arrive: () => void }).arrive());
  expect(await renamed).toBe('no error');
  expect(await readAnew(third, server, {})).toEqual({
    names: ['Ada', 'C'],
    events: ['log-started', 'enrolled', 'enrolled', 'enrolled', 'erased', 'changed'],
  });
});

test('a removal that is postponed lasts if the page ends within a second one, which did not take place', async ({
  galleryPage: page,
  server,
}) => {
  const other = await openBeside(page, server, {});
  expect(await removeFirst(page)).toBe('no error');
  await endAtDeletion(page);
  expect(await codeOfRemoval(page, 1)).toBe('storage-unavailable');
  // Another tab, which has the first removal, while the page is suspended before the deletion.
  const listed = other.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    return (await gallery.list()).map(({ name }) => name);
  });
  expect(await listed).toEqual(['Bob', 'Cleo']);
  await page.close();
  expect(await codeOfRemoval(other, 2)).toBe('no error');
  expect(await readAnew(other, server, {})).toEqual({
    names: ['Bob'],
    events: ['log-started', 'enrolled', 'enrolled', 'enrolled', 'erased', 'erased'],
  });
});

test('a change that waits for localStorage can be aborted', async ({ galleryPage: page, server }) => {
  const other = await openBeside(page, server, {});
  await delayLocalStorage(other);
  expect(await removeFirst(page)).toBe('no error');
  const isAborted = other.evaluate(async () => {
    const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
    const controller = new AbortController();
    Object.assign(globalThis, { controller });
    const { signal } = controller;
    const renaming = gallery.rename(ids[2] as string, 'C', { signal });
    return renaming.catch((error: unknown) => error === signal.reason);
  });
  await expect.poll(() => accessesOf(other)).toBeGreaterThan(3);
  await other.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort());
  expect(await isAborted).toBe(true);
});

for (const disk of ['with space', 'that is still full']) {
  test(`a gallery whose postponed removal is lost from localStorage changes only after a repair, on a disk ${disk}`, async ({
    galleryPage: page,
    server,
  }) => {
    const other = await openBeside(page, server, {});
    expect(await removeFirst(page)).toBe('no error');
    await page.close();
    const isFull = disk !== 'with space';
    if (isFull) await fillDisk(other);
    const result = await other.evaluate(async () => {
      localStorage.clear();
      const { gallery, ids } = globalThis as unknown as Globals & { ids: string[] };
      const codes = [
        await codeOf(gallery.rename(ids[1] as string, 'B')),
        await codeOf(galleries.Gallery.open({ name: 'full' })),
      ];
      const repaired = await galleries.Gallery.open({ name: 'full', repair: true });
      const damaged = (await repaired.damaged()).map(({ kind }) => kind);
      codes.push(await codeOf(repaired.rename(ids[1] as string, 'B')));
      codes.push(await codeOf(repaired.remove(ids[2] as string)));
      await repaired.close();
      return { codes, damaged, waiting: localStorage.length };
    });
    expect(result).toEqual({
      codes: ['gallery-corrupt', 'gallery-corrupt', isFull ? 'storage-full' : 'no error', 'no error'],
      damaged: ['gallery'],
      waiting: isFull ? 1 : 0,
    });
    expect((await readAnew(other, server, {})).names).toEqual([isFull ? 'Bob' : 'B']);
  });
}

test('a removal that is postponed beside another one succeeds if it is aborted while it is stored', async ({
  galleryPage: page,
}) => {
  const result = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full', facenet, log: true });
    const ids: string[] = [];
    for (const [i, name] of ['Ada', 'Bob', 'Cleo'].entries()) {
      const enrolment = await gallery.enrol({ name }, face(i));
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    const { put, delete: remove } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await gallery.remove(ids[0] as string);
    const controller = new AbortController();
    IDBObjectStore.prototype.delete = function (key) {
      controller.abort();
      return remove.call(this, key);
    };
    const receipt = await gallery.remove(ids[1] as string, undefined, { signal: controller.signal });
    Object.assign(IDBObjectStore.prototype, { put, delete: remove });
    const names = (await gallery.list()).map(({ name }) => name);
    return { isAborted: controller.signal.aborted, hasReceipt: receipt !== undefined, names };
  });
  expect(result).toEqual({ isAborted: true, hasReceipt: true, names: ['Cleo'] });
});
