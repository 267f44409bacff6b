import type { Browser, Page } from 'playwright/test';
import { expect, kill, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
};

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

test('a tab that is suspended while it replaces databases is reported to all calls that wait for it, and they can be aborted', async ({
  browser,
  context,
  galleryPage: page,
  server,
}) => {
  const suspended = await openGallery(await context.newPage(), server);
  const pid = await processOf(suspended, browser);
  await page.evaluate(async () => {
    const opened: Record<string, Globals['gallery']> = {};
    const blocked: Record<string, AbortController> = {};
    for (const name of ['erased', 'closed', 'opened', 'rekeyed', 'listed', 'unlocked']) {
      const abort = new AbortController();
      const onBlocked = () => abort.abort('blocked');
      const options = { name, facenet: tools.facenet, passphrase: 'one' };
      // The erase of this one has an onBlocked of its own.
      const gallery = await galleries.Gallery.open(name === 'closed' ? options : { ...options, onBlocked });
      await gallery.enrol({ name: 'Ada' }, tools.face(1));
      Object.assign(opened, { [name]: gallery });
      Object.assign(blocked, { [name]: abort });
    }
    Object.assign(globalThis, { opened, blocked });
  });
  await suspended.evaluate(async () => {
    // Stays within the transaction that writes the new database, or, of the last three, within the one that writes its copy.
    const { put } = IDBObjectStore.prototype;
    const within = ['erased', 'opened', 'rekeyed'].map((name) => `facenet-gallery-replacement:${name}`);
    const after = ['closed', 'listed', 'unlocked'].map((name) => `facenet-gallery:${name}`);
    const waiting = new Set([...within, ...after]);
    let allWait = () => {};
    const reached = new Promise<void>((resolve) => {
      allWait = resolve;
    });
    IDBObjectStore.prototype.put = function (...args) {
      const request = put.apply(this, args);
      const { name } = this.transaction.db;
      if (this.name === 'people' && waiting.delete(name)) {
        // A transaction with a pending request stays open.
        const keepOpen = () => {
          this.count().onsuccess = keepOpen;
        };
        keepOpen();
        if (waiting.size === 0) allWait();
      }
      return request;
    };
    for (const name of ['erased', 'closed', 'opened', 'rekeyed', 'listed', 'unlocked']) {
      const gallery = await galleries.Gallery.open({ name, passphrase: 'one' });
      gallery.rekey('one').catch(() => {});
    }
    await reached;
  });
  process.kill(pid, 'SIGSTOP');
  try {
    const outcomes = await page.evaluate(async () => {
      const { Gallery } = galleries;
      const { opened, blocked } = globalThis as unknown as {
        opened: Record<'closed' | 'rekeyed' | 'listed' | 'unlocked', Globals['gallery']>;
        blocked: Record<'erased' | 'closed' | 'opened' | 'rekeyed' | 'listed' | 'unlocked', AbortController>;
      };
      const unreported = new Promise<string>((resolve) => setTimeout(() => resolve('not reported'), 60_000));
      const outcomeOf = (name: keyof typeof blocked, call: (signal: AbortSignal, onBlocked: () => void) => unknown) => {
        const { signal } = blocked[name];
        const done = Promise.resolve(call(signal, () => blocked[name].abort('blocked'))).then(
          () => 'done',
          (reason: unknown) => String(reason),
        );
        return Promise.race([done, unreported]);
      };
      return Promise.all([
        outcomeOf('erased', (signal, onBlocked) => Gallery.erase('erased', { signal, onBlocked })),
        outcomeOf('closed', (signal, onBlocked) => opened.closed.erase({ signal, onBlocked })),
        outcomeOf('opened', (signal, onBlocked) =>
          Gallery.open({ name: 'opened', passphrase: 'one', signal, onBlocked }),
        ),
        outcomeOf('rekeyed', (signal) => opened.rekeyed.rekey('two', { signal })),
        outcomeOf('listed', (signal) => opened.listed.list({ signal })),
        outcomeOf('unlocked', (signal) => opened.unlocked.unlock('one', { signal })),
      ]);
    });
    expect(outcomes).toEqual(Array(6).fill('blocked'));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await suspended.close();
  // The erase goes on, and the other galleries are complete. The call that was aborted has changed nothing.
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());
  for (const name of ['erased', 'closed']) await expect.poll(names).not.toContain(`facenet-gallery:${name}`);
  const left = await page.evaluate(async () => {
    const lists: Record<string, string[]> = {};
    for (const name of ['opened', 'rekeyed', 'listed', 'unlocked']) {
      const gallery = await galleries.Gallery.open({ name, passphrase: 'one' });
      lists[name] = (await gallery.list()).map(({ name }) => name);
    }
    return lists;
  });
  expect(left).toEqual({ opened: ['Ada'], rekeyed: ['Ada'], listed: ['Ada'], unlocked: ['Ada'] });
});

test('a background call that waits for a suspended tab does not keep the gallery unlocked', async ({
  browser,
  context,
  galleryPage: page,
  server,
}) => {
  const suspended = await openGallery(await context.newPage(), server);
  const pid = await processOf(suspended, browser);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const options = { facenet, passphrase: 'one', lockAfter: 5000, removeUnseenAfter: 60_000 };
    const gallery = await galleries.Gallery.open({ name: 'watched', ...options });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery });
  });
  await suspended.evaluate(async () => {
    const { put } = IDBObjectStore.prototype;
    const reached = new Promise<void>((resolve) => {
      IDBObjectStore.prototype.put = function (...args) {
        const request = put.apply(this, args);
        // A transaction with a pending request stays open.
        const keepOpen = () => {
          this.count().onsuccess = keepOpen;
        };
        if (this.name === 'people') {
          keepOpen();
          resolve();
        }
        return request;
      };
    });
    const gallery = await galleries.Gallery.open({ name: 'watched', passphrase: 'one' });
    gallery.rekey('one').catch(() => {});
    await reached;
  });
  process.kill(pid, 'SIGSTOP');
  try {
    const outcome = await page.evaluate(async () => {
      const { gallery } = globalThis as unknown as Globals;
      const isDue = Date.now() + 1000;
      await gallery.list();
      while (Date.now() < isDue) await new Promise((resolve) => setTimeout(resolve, 100));
      const code = await codeOf(gallery.identify(tools.face(1), { background: true }));
      return { code, locked: gallery.locked };
    });
    expect(outcome).toEqual({ code: 'gallery-locked', locked: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a gallery stays open in a tab that runs again after another one was killed while it replaced the database', async ({
  browser,
  context,
  galleryPage: page,
  server,
}) => {
  const pid = await processOf(page, browser);
  await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'late', facenet: tools.facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, tools.face(1));
    Object.assign(globalThis, { gallery });
  });
  const dying = await openGallery(await context.newPage(), server);
  await dying.evaluate(async () => {
    const { deleteDatabase } = IDBFactory.prototype;
    IDBFactory.prototype.deleteDatabase = function (name) {
      const request = deleteDatabase.call(this, name);
      // The suspended tab keeps the database open.
      if (name === 'facenet-gallery:late') console.log('reached');
      return request;
    };
    const gallery = await galleries.Gallery.open({ name: 'late', passphrase: 'one' });
    Object.assign(globalThis, { gallery });
  });
  const reached = dying.waitForEvent('console', (message) => message.text() === 'reached');
  process.kill(pid, 'SIGSTOP');
  try {
    await dying.evaluate(() => void (globalThis as unknown as Globals).gallery.changePassphrase('one', 'two'));
    await reached;
    await kill(dying);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const state = () =>
    page.evaluate(async () => {
      const names = (await (globalThis as unknown as Globals).gallery.list()).map(({ name }) => name);
      return { names, databases: (await indexedDB.databases()).map(({ name }) => name) };
    });
  await expect.poll(state).toEqual({ names: ['Ada'], databases: ['facenet-gallery:late'] });
});
