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
