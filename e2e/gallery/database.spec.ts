import { expect, test } from '../support/gallery.ts';

test('migrates a database of version 1, plain and encrypted', async ({ galleryPage: page }) => {
  const results = await page.evaluate(async () => {
    const results = [];
    for (const passphrase of [undefined, 'secret']) {
      const options = { name: 'old', facenet: tools.facenet, ...(passphrase && { passphrase }) };
      const first = await galleries.Gallery.open(options);
      await first.enrol({ name: 'Ada' }, tools.face(1), { crop: new Blob(['pixels'], { type: 'image/png' }) });
      await first.enrol({ name: 'Bob' }, tools.face(2));
      await first.close();
      const rows = (await tools.rows('old')) as Record<string, { id: string; body: unknown }[]>;
      await (await galleries.Gallery.open(options)).erase();

      // In version 1 the record of a template contains its crop.
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('facenet-gallery:old', 1);
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => {
          const db = opening.result;
          db.createObjectStore('meta').put(rows.meta?.[0], 'gallery');
          const people = db.createObjectStore('people', { keyPath: 'id' });
          for (const row of rows.people ?? []) people.put(row);
          const templates = db.createObjectStore('templates', { keyPath: 'id' });
          for (const row of rows.templates ?? []) {
            const crop = rows.crops?.find(({ id }) => id === row.id)?.body;
            templates.put({ ...row, ...(crop !== undefined && { crop }) });
          }
        };
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      });

      const gallery = await galleries.Gallery.open(options);
      const people = await gallery.list();
      const ada = people.find(({ name }) => name === 'Ada');
      const crop = await gallery.crop(ada?.faces[0]?.id as string);
      const after = (await tools.rows('old')) as Record<string, object[]>;
      results.push({
        people: people.map(({ name, faces }) => `${name} ${faces.map(({ hasCrop }) => hasCrop)}`),
        crop: await crop?.text(),
        match: (await gallery.identify(tools.face(2))).match?.person.name,
        stores: Object.entries(after).map(([store, rows]) => `${store} ${rows.length}`),
        left: after.templates?.some((row) => 'crop' in row),
      });
      await gallery.erase();
    }
    return results;
  });
  expect(results).toEqual(
    Array(2).fill({
      people: ['Ada true', 'Bob false'],
      crop: 'pixels',
      match: 'Bob',
      stores: ['crops 1', 'damaged 0', 'log 0', 'meta 1', 'people 2', 'settled 1', 'templates 2'],
      left: false,
    }),
  );
});

test('rejects the database of a newer release with gallery-version', async ({ galleryPage: page }) => {
  const code = await page.evaluate(async () => {
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open('facenet-gallery:future', 99);
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
    });
    return codeOf(galleries.Gallery.open({ name: 'future', facenet: tools.facenet }));
  });
  expect(code).toBe('gallery-version');
});

test('rejects changed and damaged records with gallery-corrupt, not with key-wrong', async ({ galleryPage: page }) => {
  const codes = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const { Gallery } = galleries;
    const change = (
      name: string,
      store: string,
      alter: (rows: { id: string; body: { data: Uint8Array } }[]) => unknown[],
    ) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`facenet-gallery:${name}`);
        opening.onsuccess = () => {
          const db = opening.result;
          const transaction = db.transaction(store, 'readwrite');
          const objects = transaction.objectStore(store);
          const all = objects.getAll();
          all.onsuccess = () => {
            for (const row of alter(all.result)) {
              if (store === 'meta') objects.put(row, 'gallery');
              else objects.put(row);
            }
          };
          transaction.oncomplete = () => {
            db.close();
            resolve();
          };
          transaction.onerror = () => reject(transaction.error);
        };
      });
    type Rows = { id: string; body: { data: Uint8Array } }[];
    const damages: [string, string, (rows: Rows) => unknown[]][] = [
      [
        'a flipped bit',
        'templates',
        ([row]) => {
          if (row) row.body.data[5] = (row.body.data[5] ?? 0) ^ 1;
          return [row];
        },
      ],
      [
        'bodies swapped between people',
        'people',
        ([a, b]) => [
          { ...a, body: b?.body },
          { ...b, body: a?.body },
        ],
      ],
      [
        'a template of another person',
        'templates',
        ([a, b]) => [{ ...a, person: (b as unknown as { person: string }).person }],
      ],
      ['a body of another type', 'people', ([a]) => [{ ...a, body: 'x' }]],
      ["the gallery's own record", 'meta', ([meta]) => [{ ...meta, rule: { model: 7 } }]],
    ];
    const codes: Record<string, string[]> = {};
    for (const [what, store, alter] of damages) {
      codes[what] = [];
      for (const passphrase of [undefined, 'secret']) {
        const name = `${what} ${passphrase}`;
        const options = { name, facenet, ...(passphrase && { passphrase }) };
        const gallery = await Gallery.open(options);
        await gallery.enrol({ name: 'Ada' }, face(1));
        await gallery.enrol({ name: 'Bob' }, face(2));
        await gallery.close();
        await change(name, store, alter);
        codes[what]?.push(await codeOf(Gallery.open(options)));
      }
    }
    return codes;
  });
  // The contents of the records of a plain gallery are not authenticated.
  expect(codes).toEqual({
    'a flipped bit': ['gallery-corrupt', 'gallery-corrupt'],
    'bodies swapped between people': ['no error', 'gallery-corrupt'],
    'a template of another person': ['gallery-corrupt', 'gallery-corrupt'],
    'a body of another type': ['gallery-corrupt', 'gallery-corrupt'],
    "the gallery's own record": ['gallery-corrupt', 'gallery-corrupt'],
  });
});

test('rejects with storage-unavailable if IndexedDB is denied, while a gallery in memory works, and with storage-full at the quota', async ({
  galleryPage: page,
  server,
}) => {
  const denied = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const code = await codeOf(galleries.Gallery.open({ name: 'denied', facenet }));
    const gallery = await galleries.Gallery.open({ name: 'denied', facenet, storage: 'memory' });
    await gallery.enrol({ name: 'Ada' }, face(1));
    IDBFactory.prototype.open = open;
    return { code, match: (await gallery.identify(face(1))).match?.person.name };
  });
  expect(denied).toEqual({ code: 'storage-unavailable', match: 'Ada' });

  const session = await page.context().newCDPSession(page);
  const origin = new URL(server.url).origin;
  // Before the first use, because Chromium caches the quota for a while.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
  await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'full', facenet: tools.facenet });
    await gallery.enrol({ name: 'Ada' }, tools.face(1));
    await gallery.close();
  });
  const full = await page.evaluate(async () => {
    const { face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full' });
    const noise = crypto.getRandomValues(new Uint8Array(60_000));
    const crop = new Blob(Array(100).fill(noise));
    const code = await codeOf(gallery.enrol({ name: 'Bob' }, face(2), { crop }));
    return { code, people: (await gallery.list()).map(({ name }) => name) };
  });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  expect(full).toEqual({ code: 'storage-full', people: ['Ada'] });
});

test('a query of an unchanged gallery reads its own record, and whether a removal is postponed', async ({
  galleryPage: page,
}) => {
  const reads = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'reads', facenet });
    await gallery.enrol({ name: 'Ada' }, face(1));
    await gallery.list();
    const reads: string[] = [];
    for (const prototype of [IDBObjectStore.prototype, IDBIndex.prototype]) {
      for (const method of ['get', 'getKey', 'getAll', 'getAllKeys', 'openCursor'] as const) {
        const original = prototype[method] as (...args: unknown[]) => IDBRequest;
        Object.assign(prototype, {
          [method](this: IDBObjectStore, ...args: unknown[]) {
            reads.push(`${method} ${this.name}`);
            return original.apply(this, args);
          },
        });
      }
    }
    await gallery.list();
    await gallery.models();
    return reads;
  });
  expect(reads).toEqual(['get meta', 'getKey settled', 'get meta', 'getKey settled']);
});
