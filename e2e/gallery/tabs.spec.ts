import type { Page } from 'playwright/test';
import { expect, openGallery, test, waitingFor } from '../support/gallery.ts';

test('receives changes from another tab without a reload, and keeps concurrent changes from both tabs', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await context.newPage();
  await openGallery(other, server);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    let onChange = () => {};
    const changed = new Promise<void>((resolve) => {
      onChange = resolve;
    });
    const gallery = await galleries.Gallery.open({ name: 'shared', facenet, onChange });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery, changed });
  });
  const names = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'shared' });
    const names = (await gallery.list()).map(({ name }) => name);
    await gallery.enrol({ name: 'Bob' }, tools.face(2));
    Object.assign(globalThis, { gallery });
    return names;
  });
  expect(names).toEqual(['Ada']);
  const name = await page.evaluate(async () => {
    const { gallery, changed } = globalThis as unknown as {
      gallery: import('../../lib/gallery/index.ts').Gallery;
      changed: Promise<void>;
    };
    await changed;
    return (await gallery.identify(tools.face(2))).match?.person.name;
  });
  expect(name).toBe('Bob');

  const write = (from: number) => async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    for (let i = from; i < from + 10; i++) await gallery.enrol({ name: `${i}` }, tools.face(i));
  };
  // A page gets the function as text, in which the number stands as an argument.
  await Promise.all([page.evaluate(`(${write.toString()})(10)()`), other.evaluate(`(${write.toString()})(20)()`)]);
  const counts = await Promise.all(
    [page, other].map((each) =>
      each.evaluate(async () => {
        const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
        return (await gallery.list()).length;
      }),
    ),
  );
  expect(counts).toEqual([22, 22]);

  // Encryption moves the gallery to a new database, with which the other tab continues.
  const people = await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    await gallery.protect('open sesame');
    return (await gallery.list()).length;
  });
  expect(people).toBe(22);
  const followed = await other.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    const code = await codeOf(gallery.list());
    await gallery.unlock('open sesame');
    return [code, (await gallery.list()).length, gallery.locked];
  });
  expect(followed).toEqual(['gallery-locked', 22, false]);
  // A lock in one tab locks both.
  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.lock(),
  );
  await other.waitForFunction(
    () => (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.locked,
  );

  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.erase(),
  );
  const code = await other.evaluate(() =>
    codeOf((globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.list()),
  );
  expect(code).toBe('disposed');
});

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
  /** Releases the lock of {@link holdLock}. */
  release: () => void;
};

/** Holds a Web Lock in a page, which other pages can share, until its `release()` is called. */
async function holdLock(page: Page, name: string): Promise<void> {
  await page.evaluate((name) => {
    const released = new Promise<void>((resolve) => {
      Object.assign(globalThis, { release: resolve });
    });
    return new Promise<void>((resolve) => {
      void navigator.locks.request(name, { mode: 'shared' }, () => {
        resolve();
        return released;
      });
    });
  }, name);
}

test('calls in a tab succeed while another tab replaces the database', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'replaced', facenet, passphrase: 'one' });
    for (let i = 0; i < 5; i++) await gallery.enrol({ name: `${i}` }, face(i));
    Object.assign(globalThis, { gallery });
  });
  await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'replaced', passphrase: 'one' });
    Object.assign(globalThis, { gallery, running: true });
  });
  const calls = other.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    const state = globalThis as unknown as { running: boolean };
    const outcomes: Record<string, number> = {};
    const count = async (call: () => Promise<unknown>) => {
      const code = await call().then(
        () => 'done',
        (error: Error & { code?: string }) => `${error.code} ${error.message}`,
      );
      outcomes[code] = (outcomes[code] ?? 0) + 1;
    };
    let enrolled = 5;
    while (state.running) {
      const calls: (() => Promise<unknown>)[] = [
        () => gallery.list(),
        () => gallery.identify(tools.face(1)),
        () => gallery.models(),
      ];
      // The other tab plans its change again after each enrolment.
      const options = { allow: ['other-person' as const] };
      if (enrolled < 15) calls.push(() => gallery.enrol({ name: 'next' }, tools.face(enrolled++), options));
      await Promise.all(calls.map(count));
    }
    const faces = (await gallery.list()).flatMap(({ faces }) => faces);
    return { outcomes, missing: enrolled - faces.length };
  });
  await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    for (let i = 0; i < 4; i++) await gallery.changePassphrase('one', 'one');
  });
  await other.evaluate(() => Object.assign(globalThis, { running: false }));
  const { outcomes, missing } = await calls;
  expect(Object.keys(outcomes)).toEqual(['done']);
  expect(missing).toBe(0);
});

for (const { what, second } of [
  { what: 'protect', second: 'gallery-locked' },
  { what: 'rekey', second: 'gallery-locked' },
  { what: 'changePassphrase', second: 'key-wrong' },
  { what: 'reissue', second: 'key-wrong' },
] as const) {
  test(`of two tabs that call ${what} at once, one succeeds, and the other gets ${second}`, async ({
    galleryPage: page,
    context,
    server,
  }) => {
    const other = await openGallery(await context.newPage(), server);
    for (const [number, tab] of [page, other].entries()) {
      await tab.evaluate(
        async ({ what, number }) => {
          const { facenet, face } = tools;
          const keys = what === 'protect' ? {} : { passphrase: 'one', templateKey: new Uint8Array(32).fill(1) };
          const gallery = await galleries.Gallery.open({ name: 'both', facenet, ...keys });
          if (number === 0) for (let i = 0; i < 5; i++) await gallery.enrol({ name: `${i}` }, face(i));
          Object.assign(globalThis, { gallery });
        },
        { what, number },
      );
    }
    // Both changes are planned, and wait for this lock.
    await holdLock(page, 'facenet-gallery:both');
    const outcomes = [page, other].map((tab, number) =>
      tab.evaluate(
        async ({ what, number }) => {
          const { gallery } = globalThis as unknown as Globals;
          const next = `next ${number}`;
          const calls = {
            protect: () => gallery.protect(next),
            rekey: () => gallery.rekey(next),
            changePassphrase: () => gallery.changePassphrase('one', next),
            reissue: () => gallery.reissue(new Uint8Array(32).fill(2 + number)),
          };
          return calls[what]().then(
            () => 'done',
            (error: { code: string }) => error.code,
          );
        },
        { what, number },
      ),
    );
    await expect.poll(() => waitingFor(page, 'facenet-gallery:both')).toBe(2);
    await page.evaluate(() => (globalThis as unknown as Globals).release());
    const codes = await Promise.all(outcomes);
    expect([...codes].sort()).toEqual(['done', second]);
    const names = await [page, other][codes.indexOf('done')]?.evaluate(async () =>
      (await (globalThis as unknown as Globals).gallery.list()).map(({ name }) => name),
    );
    expect(names).toEqual(['0', '1', '2', '3', '4']);
  });
}

test('an erase that waits for a change of keys is not undone by the tabs that continue with the new database', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const [other, eraser] = [
    await openGallery(await context.newPage(), server),
    await openGallery(await context.newPage(), server),
  ];
  for (const tab of [page, other]) {
    await tab.evaluate(async () => {
      const onChange = () => {
        void codeOf(() => (globalThis as unknown as Globals).gallery.locked).then((code) => {
          if (code === 'disposed') Object.assign(globalThis, { isDisposed: true });
        });
      };
      const options = { name: 'undone', facenet: tools.facenet, passphrase: 'one', onChange };
      Object.assign(globalThis, { gallery: await galleries.Gallery.open(options) });
    });
  }
  await holdLock(page, 'facenet-gallery:undone');
  const changed = page.evaluate(() =>
    codeOf((globalThis as unknown as Globals).gallery.changePassphrase('one', 'two')),
  );
  await expect.poll(() => waitingFor(page, 'facenet-gallery:undone')).toBe(1);
  const erased = eraser.evaluate(() => codeOf(galleries.Gallery.erase('undone')));
  await expect.poll(() => waitingFor(page, 'facenet-gallery:undone')).toBe(2);
  await page.evaluate(() => (globalThis as unknown as Globals).release());
  expect([await changed, await erased]).toEqual(['no error', 'no error']);
  for (const tab of [page, other]) {
    const code = await tab.evaluate(() => codeOf((globalThis as unknown as Globals).gallery.list()));
    expect(code).toBe('disposed');
    await tab.waitForFunction(() => 'isDisposed' in globalThis);
  }
  const names = await eraser.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  expect(names).toEqual([]);
});

test('a call in a tab that begins while another tab marks the database as replaced reads the new records', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  await page.evaluate(async () => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      const begun = transaction.call(this, stores, mode, options);
      // The transaction that marks the database.
      const isMarking = this.name === 'facenet-gallery:marked' && mode === 'readwrite' && `${stores}` === 'meta,log';
      if (isMarking) Object.assign(globalThis, { isMarking });
      return begun;
    };
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'marked', facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery });
  });
  await other.evaluate(async () => {
    // Messages can be late. Without them the tab reads a change at its next call.
    Object.defineProperty(BroadcastChannel.prototype, 'onmessage', { set: () => {} });
    const gallery = await galleries.Gallery.open({ name: 'marked', passphrase: 'one' });
    Object.assign(globalThis, { gallery });
  });
  const begun = page.waitForEvent('console', (message) => message.text() === 'begun');
  await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    // The other tab has to read the records again at its next call.
    await gallery.enrol({ name: 'Bob' }, tools.face(2));
    const opened = (name: string) =>
      new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
      });
    const [first, second, raw] = [
      await opened('first'),
      await opened('second'),
      await opened('facenet-gallery:marked'),
    ];
    const { deleteDatabase } = IDBFactory.prototype;
    const isMarking = () => 'isMarking' in globalThis;
    /** Lets the requests of other transactions wait until the one that marks the database has begun. */
    const block = () => {
      const transaction = raw.transaction('meta', 'readwrite');
      const repeat = () => {
        if (isMarking()) raw.close();
        else transaction.objectStore('meta').get('gallery').onsuccess = repeat;
      };
      repeat();
    };
    // A database that is open is not deleted: the change of keys stops before the mark, and again after it.
    IDBFactory.prototype.deleteDatabase = function (name) {
      if (name === 'facenet-gallery:marked') return deleteDatabase.call(this, second.name);
      if (isMarking()) return deleteDatabase.call(this, name);
      block();
      console.log('begun');
      return deleteDatabase.call(this, first.name);
    };
    Object.assign(globalThis, { first, second, changing: gallery.rekey('one') });
  });
  await begun;
  const listed = other.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    const listing = gallery.list().then(
      (people) => people.map(({ name }) => name),
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
    Object.assign(globalThis, { listing });
    void listing.then(() => Object.assign(globalThis, { ended: true }));
    return [await listing, await codeOf(gallery.unlock('one')), (await gallery.list()).map(({ name }) => name)];
  });
  // The call has requested the revision.
  await other.waitForFunction(() => 'listing' in globalThis);
  await page.evaluate(() => (globalThis as unknown as { first: IDBDatabase }).first.close());
  // It waits for the new database, or has ended.
  const hasEnded = () => other.evaluate(() => 'ended' in globalThis);
  const waits = async () => (await waitingFor(other, 'facenet-gallery:marked')) > 0;
  await expect.poll(async () => (await hasEnded()) || (await waits())).toBe(true);
  await page.evaluate(async () => {
    const { second, changing } = globalThis as unknown as { second: IDBDatabase; changing: Promise<void> };
    second.close();
    await changing;
  });
  expect(await listed).toEqual([expect.stringMatching(/^gallery-locked/), 'no error', ['Ada', 'Bob']]);
});

test('a gallery stays open in a tab that is slow to react to the replacement of its database', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'slow', facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery });
  });
  await other.evaluate(async () => {
    Object.assign(globalThis, { gallery: await galleries.Gallery.open({ name: 'slow', passphrase: 'one' }) });
    const { getItem } = Storage.prototype;
    Storage.prototype.getItem = function (key) {
      for (const start = performance.now(); performance.now() - start < 500; );
      return getItem.call(this, key);
    };
  });
  await page.evaluate(() => (globalThis as unknown as Globals).gallery.changePassphrase('one', 'two'));
  const names = await other.evaluate(async () =>
    (await (globalThis as unknown as Globals).gallery.list()).map(({ name }) => name),
  );
  expect(names).toEqual(['Ada']);
});

test('an idle tab is locked when another one has encrypted the gallery, and ended before it told of that', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const onChange = () => console.log(`locked: ${gallery.locked}`);
    const gallery = await galleries.Gallery.open({ name: 'shared', facenet, lockAfter: 60_000, onChange });
    await gallery.enrol({ name: 'Ada' }, face(1));
  });
  const told = page.waitForEvent('console', (message) => message.text() === 'locked: true');
  await other.evaluate(async () => {
    BroadcastChannel.prototype.postMessage = () => {};
    const gallery = await galleries.Gallery.open({ name: 'shared' });
    await gallery.protect('open sesame');
  });
  await told;
});
