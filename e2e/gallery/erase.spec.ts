import { expect, openGallery, test } from '../support/gallery.ts';

type OpenGallery = { gallery: import('../../lib/gallery/index.ts').Gallery };

test('erases galleries that cannot be opened', async ({ galleryPage: page }) => {
  const results = await page.evaluate(async () => {
    const { Gallery } = galleries;
    const { facenet } = tools;
    const request = (version?: number) =>
      new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open('facenet-gallery:lost', version);
        opening.onsuccess = () => resolve(opening.result);
      });
    const lose: Record<string, () => Promise<void>> = {
      damaged: async () => {
        await (await Gallery.open({ name: 'lost', facenet })).close();
        const db = await request();
        await new Promise((resolve) => {
          const writing = db
            .transaction('meta', 'readwrite')
            .objectStore('meta')
            .put({ revision: 1 } as never, 'gallery');
          writing.transaction?.addEventListener('complete', resolve);
        });
        db.close();
      },
      'template key lost': async () =>
        (await Gallery.open({ name: 'lost', facenet, templateKey: new Uint8Array(32) })).close(),
      newer: async () => (await request(99)).close(),
      missing: async () => {},
    };
    const results: Record<string, unknown> = {};
    for (const [kind, create] of Object.entries(lose)) {
      await create();
      const opened = kind === 'missing' ? 'not tried' : await codeOf(Gallery.open({ name: 'lost' }));
      await Gallery.erase('lost');
      results[kind] = [opened, (await indexedDB.databases()).length];
    }
    return results;
  });
  expect(results).toEqual({
    damaged: ['gallery-corrupt', 0],
    'template key lost': ['key-wrong', 0],
    newer: ['gallery-version', 0],
    missing: ['not tried', 0],
  });
});

test('an erase with a signal that is aborted already deletes nothing', async ({ galleryPage: page }) => {
  const result = await page.evaluate(async () => {
    const { Gallery } = galleries;
    const options = { name: 'kept', facenet: tools.facenet };
    const gallery = await Gallery.open(options);
    await gallery.enrol({ name: 'Ada' }, tools.face(1));
    const signal = AbortSignal.abort(new Error('stop'));
    const messages = [gallery.erase({ signal }), Gallery.erase('kept', { signal })].map((erasing) =>
      erasing.then(
        () => 'erased',
        ({ message }: Error) => message,
      ),
    );
    const told = await Promise.all(messages);
    await gallery.close();
    const again = await Gallery.open(options);
    const people = (await again.list()).map(({ name }) => name);
    await again.close();
    return { told, people };
  });
  expect(result).toEqual({ told: ['stop', 'stop'], people: ['Ada'] });
});

test('reports a frozen tab that keeps a gallery open, and can be aborted', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const frozen = await openGallery(await context.newPage(), server);
  // A connection that does not answer versionchange events, as that of a frozen tab.
  await frozen.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'held', facenet: tools.facenet });
    await gallery.close();
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open('facenet-gallery:held');
      opening.onsuccess = () => resolve(Object.assign(globalThis, { db: opening.result }) && undefined);
    });
  });
  const outcome = await page.evaluate(async () => {
    const abort = new AbortController();
    const outcome = await codeOf(
      galleries.Gallery.erase('held', { signal: abort.signal, onBlocked: () => abort.abort('blocked') }).catch(
        (reason: unknown) => Promise.reject(new Error(String(reason))),
      ),
    );
    return [outcome, (await indexedDB.databases()).length];
  });
  expect(outcome).toEqual(['Error: blocked', 1]);
  await frozen.close();
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
});

test('reports a frozen tab that blocks the migration of a gallery, and can be aborted', async ({
  galleryPage: page,
}) => {
  const outcome = await page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('facenet-gallery:old', 1);
      opening.onsuccess = () => resolve(opening.result);
    });
    const abort = new AbortController();
    const outcome = await codeOf(
      galleries.Gallery.open({
        name: 'old',
        facenet: tools.facenet,
        signal: abort.signal,
        onBlocked: () => abort.abort('blocked'),
      }).catch((reason: unknown) => Promise.reject(new Error(String(reason)))),
    );
    db.close();
    return outcome;
  });
  expect(outcome).toBe('Error: blocked');
});

test('tells other tabs that a gallery was erased', async ({ galleryPage: page, context, server }) => {
  const other = await openGallery(await context.newPage(), server);
  await other.evaluate(async () => {
    let resolve = (_code: Promise<string>) => {};
    const changed = new Promise<string>((resolveChanged) => {
      resolve = resolveChanged;
    });
    const gallery = await galleries.Gallery.open({
      name: 'told',
      facenet: tools.facenet,
      onChange: () => resolve(codeOf((globalThis as unknown as OpenGallery).gallery.list())),
    });
    Object.assign(globalThis, { gallery, changed });
  });
  await page.evaluate(() => galleries.Gallery.erase('told'));
  expect(await other.evaluate(() => (globalThis as unknown as { changed: Promise<string> }).changed)).toBe('disposed');
  expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
});

for (const { kind, keys } of [
  { kind: 'an encrypted', keys: ['one', 'three'] },
  { kind: 'a plain', keys: [undefined, undefined] },
] as const) {
  for (const enrolled of [1, 5]) {
    test(`a tab of ${kind} gallery that waits for a change of keys does not continue with a new one after an erase, with ${enrolled} enrolled`, async ({
      galleryPage: page,
      context,
      server,
    }) => {
      const name = 'again';
      const optionsOf = (passphrase: string | undefined) => ({ name, ...(passphrase !== undefined && { passphrase }) });
      const [before, after] = [optionsOf(keys[0]), optionsOf(keys[1])];
      const other = await openGallery(await context.newPage(), server);
      await other.evaluate(async (options) => {
        const gallery = await galleries.Gallery.open({ ...options, facenet: tools.facenet });
        await gallery.enrol({ name: 'Ada' }, tools.face(1));
        Object.assign(globalThis, { gallery });
      }, before);
      await page.evaluate(async (options) => {
        const gallery = await galleries.Gallery.open({ ...options, facenet: tools.facenet });
        const { request } = navigator.locks;
        const waiting = new Promise<void>((resolve) => Object.assign(globalThis, { release: resolve }));
        // This tab is slow to continue with the new database.
        navigator.locks.request = (async (...given: Parameters<typeof request>) => {
          if (given[0] === `facenet-gallery:${options.name}`) await waiting;
          return request.apply(navigator.locks, given);
        }) as typeof request;
        Object.assign(globalThis, { gallery, people: (await gallery.list()).length });
      }, before);
      await other.evaluate(
        async ([before, after, enrolled]) => {
          const { gallery } = globalThis as unknown as OpenGallery;
          if (before.passphrase === undefined) await gallery.protect('two');
          else await gallery.changePassphrase(before.passphrase, 'two');
          await gallery.erase();
          // At the same revision as the gallery that was erased, or at a later one.
          const next = await galleries.Gallery.open({ ...after, facenet: tools.facenet });
          for (let i = 0; i < enrolled; i++) await next.enrol({ name: `Bob ${i}` }, tools.face(10 + i));
          Object.assign(globalThis, { gallery: next });
        },
        [before, after, enrolled] as const,
      );
      const codes = await page.evaluate(async () => {
        const { gallery, release } = globalThis as unknown as OpenGallery & { release: () => void };
        release();
        const enrolment = gallery.enrol({ name: 'Cleo' }, tools.face(3));
        return [await codeOf(enrolment), await codeOf(gallery.list())];
      });
      expect(codes).toEqual(['disposed', 'disposed']);
      const people = await other.evaluate(async (options) => {
        await (globalThis as unknown as OpenGallery).gallery.close();
        const gallery = await galleries.Gallery.open(options);
        return (await gallery.list()).map(({ name }) => name);
      }, after);
      expect(people).toEqual(Array.from({ length: enrolled }, (_, i) => `Bob ${i}`));
    });
  }
}

test('an erase without Web Locks forgets the postponed removal of its gallery, but not that of a new one', async ({
  galleryPage: page,
}) => {
  const left = await page.evaluate(async () => {
    Object.defineProperty(navigator, 'locks', { value: undefined });
    const key = 'facenet-gallery:again';
    const { deleteDatabase } = IDBFactory.prototype;
    const eraseAgain = async () => {
      await (await galleries.Gallery.open({ name: 'again', facenet: tools.facenet })).close();
      localStorage.setItem(key, 'erased');
      await galleries.Gallery.erase('again');
      return localStorage.getItem(key);
    };
    const alone = await eraseAgain();
    IDBFactory.prototype.deleteDatabase = function (name) {
      const request = deleteDatabase.call(this, name);
      // Another tab creates a gallery, and postpones a removal, before this tab learns that the database is deleted.
      if (name === key) request.addEventListener('success', () => localStorage.setItem(key, 'new'));
      return request;
    };
    return [alone, await eraseAgain()];
  });
  expect(left).toEqual([null, 'new']);
});
