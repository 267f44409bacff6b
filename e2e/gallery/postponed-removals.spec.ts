import { expect, openGallery, test } from '../support/gallery.ts';

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
        void navigator.locks.request('facenet-gallery:full:postponed', () => {
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
