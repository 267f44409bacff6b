import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright/test';
import { chromiumFlags, findChromium } from '../../scripts/kit/chromium.mjs';
import { expect, openLibrary, test } from '../support/library.ts';

declare global {
  /** The built gallery, in the page. */
  var galleries: typeof import('../../lib/gallery/index.ts');
  /** What the tests' pages share. */
  var tools: {
    /** The rule of an embedder that does not exist. */
    facenet: { rule: import('../../lib/index.ts').ComparisonRule };
    /** A face of somebody: the same number, the same face. */
    face(seed: number): { embedding: Float32Array; model: string };
    codeOf(call: Promise<unknown>): Promise<string>;
    /** Every record of every database of this origin, bytes as characters. */
    records(): Promise<string>;
    /** The records of a gallery's database, by store. */
    rows(name: string): Promise<Record<string, unknown[]>>;
  };
}

/** Imports the gallery into a page that has the library, with what the tests need there. */
async function openTools(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const address = '/dist/gallery.js';
    globalThis.galleries = await import(address);
    const rule: import('../../lib/index.ts').ComparisonRule = {
      model: 'test',
      dimension: 32,
      metric: 'euclidean',
      calibration: {
        logOdds: [26.95, -63.47],
        thresholds: [
          { far: 0.1, distance: 0.48 },
          { far: 1e-5, distance: 0.3 },
        ],
      },
    };
    const face = (seed: number) => {
      const numbers = Float32Array.from({ length: 32 }, (_, i) => Math.sin(seed * 1000 + i * i + seed * i));
      const length = Math.hypot(...numbers);
      return { embedding: numbers.map((value) => value / length), model: 'test' };
    };
    const codeOf = async (call: Promise<unknown>) => {
      try {
        await call;
        return 'no error';
      } catch (error) {
        return error instanceof library.FaceNetError ? error.code : String(error);
      }
    };
    const request = <T>(asked: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    const rowsOf = async (name: string) => {
      const db = await request(indexedDB.open(name));
      const stores = [...db.objectStoreNames];
      const rows: Record<string, unknown[]> = {};
      for (const store of stores) rows[store] = await request(db.transaction(store).objectStore(store).getAll());
      db.close();
      return rows;
    };
    const records = async () => {
      const dumps = [];
      for (const { name } of await indexedDB.databases()) dumps.push(await rowsOf(name as string));
      return JSON.stringify(dumps, (_, value) => (value instanceof Uint8Array ? String.fromCharCode(...value) : value));
    };
    globalThis.tools = { facenet: { rule }, face, codeOf, records, rows: (name) => rowsOf(`facenet-gallery:${name}`) };
  });
}

test.beforeEach(({ page }) => openTools(page));

test('three people are enrolled from photos, and known after a reload; a fourth is left unknown', async ({
  page,
  server,
}) => {
  const enrolled = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const gallery = await galleries.Gallery.open({ name: 'family', facenet });
    const faces = await facenet.embed(await photo('/photos/sample1.jpg'));
    const refused = await gallery.enrol({ name: 'Everybody' }, faces);
    const results = [];
    for (const [i, face] of faces.entries()) {
      const crop = await facenet.align(await photo('/photos/sample1.jpg'), face);
      results.push(await gallery.enrol({ name: `Person ${i + 1}` }, face, { crop }));
    }
    const again = await gallery.enrol({ name: 'Somebody else' }, faces[0] as (typeof faces)[0]);
    return { refused, results: results.map(({ enrolled }) => enrolled), again };
  });
  expect(enrolled.refused).toEqual({ enrolled: false, reasons: [{ kind: 'several-faces', faces: 3 }] });
  expect(enrolled.results).toEqual([true, true, true]);
  expect(enrolled.again).toMatchObject({
    enrolled: false,
    reasons: [{ kind: 'other-person', candidate: { person: { name: 'Person 1' } } }],
  });

  await openLibrary(page, server);
  await openTools(page);
  const answers = await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'family' });
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const bitmap = await createImageBitmap(await photo('/photos/sample1.jpg'));
    const canvas = new OffscreenCanvas(bitmap.width * 0.7, bitmap.height * 0.7);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.filter = 'brightness(0.7)';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const names = [];
    for (const face of await facenet.embed(canvas)) names.push((await gallery.identify(face)).match?.person.name);
    const strangers = [];
    for (const face of await facenet.embed(await photo('/photos/sample5.jpg')))
      strangers.push(await gallery.identify(face));
    // A model of another name: the kept crops are all that is left to go by.
    const renamed = { ...facenet.rule, model: 'renamed' };
    const stand = {
      rule: renamed,
      embedCrop: async (crop: Parameters<typeof facenet.embedCrop>[0]) => ({
        ...(await facenet.embedCrop(crop)),
        model: 'renamed',
      }),
    };
    const before = await facenet.embed(await photo('/photos/sample1.jpg'));
    const outcome = await gallery.reembed(stand);
    const distances = [];
    for (const { embedding } of before) distances.push((await gallery.identify(embedding)).match?.distance ?? 9);
    return { names, strangers, outcome, distances };
  });
  expect(answers.names.toSorted()).toEqual(['Person 1', 'Person 2', 'Person 3']);
  expect(answers.strangers.length).toBeGreaterThan(0);
  for (const { match, fpir } of answers.strangers) expect([match, fpir < 0.011]).toEqual([undefined, true]);
  expect(answers.outcome).toEqual({ embedded: 3, withoutCrop: [] });
  expect(Math.max(...answers.distances)).toBeLessThan(0.1);
});

test('what one tab writes the other sees, at once and after both write', async ({ page, context, server }) => {
  const other = await context.newPage();
  await openLibrary(other, server);
  await openTools(other);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    let onChange = () => {};
    const told = new Promise<void>((resolve) => {
      onChange = resolve;
    });
    const gallery = await galleries.Gallery.open({ name: 'shared', facenet, onChange });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery, told });
  });
  const seen = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'shared' });
    const names = (await gallery.list()).map(({ name }) => name);
    await gallery.enrol({ name: 'Bob' }, tools.face(2));
    Object.assign(globalThis, { gallery });
    return names;
  });
  expect(seen).toEqual(['Ada']);
  const name = await page.evaluate(async () => {
    const { gallery, told } = globalThis as unknown as {
      gallery: import('../../lib/gallery/index.ts').Gallery;
      told: Promise<void>;
    };
    await told;
    return (await gallery.identify(tools.face(2))).match?.person.name;
  });
  expect(name).toBe('Bob');

  const write = (from: number) => async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    for (let i = from; i < from + 10; i++) await gallery.enrol({ name: `${i}` }, tools.face(i));
  };
  // The functions go to the pages as text, so that each gets its own number by its own name.
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

  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.erase(),
  );
  const code = await other.evaluate(() =>
    tools.codeOf((globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.list()),
  );
  expect(code).toBe('disposed');
});

test('a write that fails in its middle leaves nothing half-written', async ({ page }) => {
  const result = await page.evaluate(async () => {
    const { facenet, face, codeOf, rows } = tools;
    const gallery = await galleries.Gallery.open({ name: 'torn', facenet });
    const ada = await gallery.enrol({ name: 'Ada' }, face(1));
    const bob = await gallery.enrol({ name: 'Bob' }, face(2));
    if (!ada.enrolled || !bob.enrolled) throw new Error('not enrolled');
    const before = JSON.stringify(await rows('torn'));
    const { put } = IDBObjectStore.prototype;
    const outcomes = [];
    for (let failing = 0; failing < 3; failing++) {
      let calls = 0;
      IDBObjectStore.prototype.put = function (...args) {
        if (calls++ === failing) throw new DOMException('The disk is gone.', 'UnknownError');
        return put.apply(this, args);
      };
      outcomes.push(await codeOf(gallery.merge(ada.person.id, bob.person.id)));
      IDBObjectStore.prototype.put = put;
      outcomes.push(JSON.stringify(await rows('torn')) === before);
      outcomes.push((await gallery.list()).length);
    }
    await gallery.merge(ada.person.id, bob.person.id);
    return { outcomes, people: (await gallery.list()).length };
  });
  expect(result).toEqual({
    outcomes: Array(3).fill(['storage-unavailable', true, 2]).flat(),
    people: 1,
  });
});

test('nor does a failing write leave a gallery half sealed, or half rotated by another key', async ({ page }) => {
  const result = await page.evaluate(async () => {
    const { facenet, face, codeOf, rows } = tools;
    const { Gallery } = galleries;
    const name = 'half';
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const gallery = await Gallery.open({ name, facenet, templateKey: first });
    for (const [i, person] of ['Ada', 'Bob'].entries()) {
      await gallery.enrol({ name: person }, face(i), { crop: new Blob([`the pixels of ${person}`]) });
    }
    const namesOf = async (open: Promise<import('../../lib/gallery/index.ts').Gallery>) => {
      const other = await open;
      const [ada] = await other.list();
      const crop = await other.crop(ada?.templates[0]?.id as string);
      const name = (await other.identify(face(1))).match?.person.name;
      await other.close();
      return [name, await crop?.text()];
    };
    const { put } = IDBObjectStore.prototype;
    const work = {
      protect: { run: () => gallery.protect('secret'), before: { name, templateKey: first } },
      reissue: {
        run: () => gallery.reissue(second),
        before: { name, templateKey: first, passphrase: 'secret' },
      },
    };
    const outcomes: Record<string, unknown[]> = {};
    for (const [what, { run, before }] of Object.entries(work)) {
      const kept = JSON.stringify(await rows(name));
      outcomes[what] = [];
      for (let failing = 0; ; failing++) {
        let calls = 0;
        IDBObjectStore.prototype.put = function (...args) {
          if (calls++ === failing) throw new DOMException('The disk is gone.', 'UnknownError');
          return put.apply(this, args);
        };
        const code = await codeOf(run());
        IDBObjectStore.prototype.put = put;
        if (code === 'no error') break;
        outcomes[what].push([
          code,
          JSON.stringify(await rows(name)) === kept,
          // The gallery goes on as it was, in this tab and for whoever opens it now.
          (await gallery.identify(face(1))).match?.person.name,
          ...(await namesOf(Gallery.open(before))),
        ]);
      }
    }
    const after = await namesOf(Gallery.open({ name, templateKey: second, passphrase: 'secret' }));
    return { outcomes, after };
  });
  const unharmed = ['storage-unavailable', true, 'Bob', 'Bob', 'the pixels of Ada'];
  // Two people, templates and crops, and the gallery's own record; two templates and the record.
  expect(result).toEqual({
    outcomes: { protect: Array(7).fill(unharmed), reissue: Array(3).fill(unharmed) },
    after: ['Bob', 'the pixels of Ada'],
  });
});

test('the whole life of a gallery: rotated, sealed, sealed anew, reissued, locked, exported, erased, brought back', async ({
  page,
  server,
}) => {
  /** Another page of the same origin: nothing of the one before is in memory. */
  const reload = async () => {
    await openLibrary(page, server);
    await openTools(page);
  };
  const written = await page.evaluate(async () => {
    const { facenet, face, records } = tools;
    const gallery = await galleries.Gallery.open({ name: 'life', facenet, templateKey: new Uint8Array(32).fill(1) });
    for (const [i, name] of ['Ada', 'Bob'].entries()) {
      const crop = new Blob([`the pixels of ${name}`], { type: 'image/png' });
      await gallery.enrol({ name, metadata: { desk: i } }, face(i), { crop });
    }
    const base64 = btoa(String.fromCharCode(...new Uint8Array(face(0).embedding.buffer)));
    const plain = await records();
    await gallery.protect('one');
    const sealed = await records();
    await gallery.changePassphrase('one', 'two');
    await gallery.reissue(new Uint8Array(32).fill(2));
    const match = (await gallery.identify(face(1))).match?.person.name;
    await gallery.close();
    return { base64, plain, sealed, after: await records(), match };
  });
  // Rotated, the embedding stands in no record as the network made it; sealed, nothing does.
  expect(written.plain).toContain('the pixels of Ada');
  expect(written.plain).not.toContain(written.base64);
  for (const secret of ['Ada', 'pixels', 'desk', 'embedding', written.base64]) {
    expect(written.sealed).not.toContain(secret);
    expect(written.after).not.toContain(secret);
  }
  expect(written.match).toBe('Bob');

  await reload();
  const read = await page.evaluate(async () => {
    const { face, codeOf, records } = tools;
    const { Gallery } = galleries;
    const name = 'life';
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const refusals = [
      await codeOf(Gallery.open({ name, passphrase: 'two' })),
      await codeOf(Gallery.open({ name, passphrase: 'two', templateKey: first })),
      await codeOf(Gallery.open({ name, passphrase: 'one', templateKey: second })),
    ];
    const gallery = await Gallery.open({ name, passphrase: 'two', templateKey: second, lockAfter: 4000 });
    const { match, fpir } = await gallery.identify(face(1));
    const stranger = (await gallery.identify(face(77))).match;
    while (!gallery.locked) await new Promise((resolve) => setTimeout(resolve, 50));
    const locked = await codeOf(gallery.list());
    await gallery.unlock('two');
    const unsaid = await codeOf(gallery.export());
    const file = await (await gallery.export({ passphrase: 'three' })).text();
    await gallery.erase();
    const left = [await records(), (await indexedDB.databases()).length];
    return { refusals, match, fpir, stranger, locked, unsaid, file, left };
  });
  expect(read).toMatchObject({
    refusals: ['key-wrong', 'key-wrong', 'key-wrong'],
    match: { person: { name: 'Bob', metadata: { desk: 1 } } },
    locked: 'gallery-locked',
    unsaid: 'option-invalid',
    left: ['[]', 0],
  });
  expect(read.stranger).toBeUndefined();
  expect(read.fpir).toBeLessThan(0.011);
  for (const secret of ['Ada', 'pixels', 'desk', written.base64]) expect(read.file).not.toContain(secret);

  await reload();
  const back = await page.evaluate(async (text) => {
    const { facenet, face, codeOf } = tools;
    const file = new Blob([text]);
    const other = await galleries.Gallery.open({ name: 'other', facenet });
    const refused = await codeOf(other.import(file, { passphrase: 'three' }));
    await other.erase();
    const templateKey = new Uint8Array(32).fill(2);
    const gallery = await galleries.Gallery.open({ name: 'life', facenet, templateKey, passphrase: 'four' });
    const wrong = await codeOf(gallery.import(file, { passphrase: 'two' }));
    const added = [
      await gallery.import(file, { passphrase: 'three' }),
      await gallery.import(file, { passphrase: 'three' }),
    ];
    const people = await gallery.list();
    const crop = await gallery.crop(people[0]?.templates[0]?.id as string);
    const match = (await gallery.identify(face(0))).match?.person.name;
    await gallery.close();
    return { refused, wrong, added, names: people.map(({ name }) => name), crop: await crop?.text(), match };
  }, read.file);
  expect(back).toEqual({
    refused: 'key-wrong',
    wrong: 'key-wrong',
    added: [
      { people: 2, templates: 2 },
      { people: 0, templates: 0 },
    ],
    names: ['Ada', 'Bob'],
    crop: 'the pixels of Ada',
    match: 'Ada',
  });
});

test('in the page too both indexes answer as brute force does, and clustering finds the people of photos', async ({
  page,
}) => {
  const result = await page.evaluate(async () => {
    const [dimension, count, limit] = [128, 3000, 10];
    let state = 1;
    const random = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    const vector = () => Float32Array.from({ length: dimension }, random);
    const entries = Array.from({ length: count }, (_, i) => ({
      id: `${i}`,
      person: `${i % 900}`,
      embedding: vector(),
    }));
    const wrong: string[] = [];
    for (const index of [new galleries.ExactIndex(dimension), new galleries.QuantisedIndex(dimension)]) {
      await index.add(entries);
      await index.remove(entries.filter((_, i) => i % 7 === 0).map(({ id }) => id));
      for (let i = 0; i < 20; i++) {
        const probe = vector();
        const expected = entries
          .filter((_, i) => i % 7 !== 0)
          .map(({ id, embedding }) => ({ id, distance: library.euclideanDistance(embedding, probe) }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, limit);
        const found = (await index.search(probe, { limit })).map(({ id, distance }) => ({ id, distance }));
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${index.constructor.name} ${i}`);
      }
    }

    const address = '/dist/clustering.js';
    const { clusterFaces }: typeof import('../../lib/clustering/index.ts') = await import(address);
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const bitmap = await createImageBitmap(await photo('/photos/sample1.jpg'));
    const pictures = [1, 0.7, 0.85].map((scale) => {
      const canvas = new OffscreenCanvas(bitmap.width * scale, bitmap.height * scale);
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.filter = `brightness(${scale})`;
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return { canvas, scale };
    });
    const faces: (import('../../lib/index.ts').EmbeddedFace & { place: number })[] = [];
    for (const { canvas, scale } of pictures) {
      for (const face of await facenet.embed(canvas)) faces.push({ ...face, place: face.box.x / scale / 100 });
    }
    /** The people, each by where their faces are in the photo, from left to right: they sit apart from each other. */
    const places = (clusters: { members: number[] }[]) =>
      clusters.map(({ members }) => members.map((i) => faces[i]?.place ?? 0)).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    const whispered = await clusterFaces(faces, facenet);
    const linked = await clusterFaces(faces, facenet, { method: 'agglomerative' });
    const known = await clusterFaces(faces.slice(0, 3), facenet);
    const grown = await clusterFaces(faces, facenet, { known });
    await facenet.dispose();
    return { wrong, clusters: [whispered, linked, grown].map(places) };
  });
  expect(result.wrong).toEqual([]);
  for (const clusters of result.clusters) {
    expect(clusters.map(({ length }) => length)).toEqual([3, 3, 3]);
    // The three pictures of each are one face: they lie in one place, as far as a detector tells.
    for (const places of clusters) expect(Math.max(...places) - Math.min(...places)).toBeLessThan(0.3);
  }
});

/** Ends the page's process at once, as the system does that runs out of memory: nothing of the page runs any more. */
async function kill(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // There is no answer to come out of a process that is gone.
  void session.send('Page.crash').catch(() => {});
  await page.waitForEvent('crash');
  await page.close();
}

test('a page that is killed in the middle of writing leaves whole people only', async ({ context, page, server }) => {
  for (const delay of [0, 10, 30, 100, 200]) {
    const dying = await context.newPage();
    await openLibrary(dying, server);
    await openTools(dying);
    await dying.evaluate(async () => {
      const gallery = await galleries.Gallery.open({ name: 'crash', facenet: tools.facenet });
      for (let i = 0; i < 200; i++) {
        void gallery
          .enrol({ name: `${i}` }, tools.face(Math.random() * 1e6), { crop: new Blob([new Uint8Array(100_000)]) })
          .catch(() => {});
      }
    });
    await dying.waitForTimeout(delay);
    await kill(dying);
  }
  const { people, templates, crops, listed } = await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'crash', facenet: tools.facenet });
    const {
      people = [],
      templates = [],
      crops = [],
    } = (await tools.rows('crash')) as Record<string, { id: string; person: string }[]>;
    return {
      people: people.map(({ id }) => id),
      templates: templates.map(({ person }) => person),
      crops: crops.length,
      listed: (await gallery.list()).length,
    };
  });
  expect(people.length).toBeGreaterThan(0);
  expect(new Set(templates)).toEqual(new Set(people));
  expect([templates.length, crops, listed]).toEqual([people.length, people.length, people.length]);
});

test('a page that is killed while it seals, reseals or reissues a gallery leaves it as it was, or done', async ({
  context,
  page,
  server,
}) => {
  // People, templates, crops and the gallery's own record; that record alone; templates and the record.
  const puts = { protect: 13, changePassphrase: 1, reissue: 5 };
  for (const [what, last] of Object.entries(puts)) {
    // Killed with all records handed over to a transaction that does not come to its end, and when it has.
    for (const at of ['within', 'done'] as const) {
      const dying = await context.newPage();
      await openLibrary(dying, server);
      await openTools(dying);
      const reached = dying.waitForEvent('console', (message) => message.text() === 'reached');
      const work = dying.evaluate(
        async ({ what, at, last }) => {
          const { facenet, face } = tools;
          const templateKey = new Uint8Array(32).fill(1);
          const sealed = what !== 'protect' && { passphrase: 'one' };
          const gallery = await galleries.Gallery.open({ name: 'killed', facenet, templateKey, ...sealed });
          for (let i = 0; i < 4; i++) {
            await gallery.enrol({ name: `Person ${i}` }, face(i), {
              crop: new Blob([new Uint8Array(100_000).fill(i)]),
            });
          }
          const { put } = IDBObjectStore.prototype;
          let count = 0;
          IDBObjectStore.prototype.put = function (...args) {
            const request = put.apply(this, args);
            if (++count === last && at === 'within') {
              // A transaction ends when nothing more is asked of it.
              const goOn = () => {
                this.count().onsuccess = goOn;
              };
              goOn();
              request.addEventListener('success', () => console.log('reached'));
            }
            return request;
          };
          if (what === 'protect') await gallery.protect('two');
          else if (what === 'reissue') await gallery.reissue(new Uint8Array(32).fill(2));
          else await gallery.changePassphrase('one', 'two');
          console.log('reached');
          return count;
        },
        { what, at, last },
      );
      // It does not come back from a page that is killed.
      const written = work.catch(() => undefined);
      await reached;
      if (at === 'done') expect([what, await written]).toEqual([what, last]);
      await kill(dying);
      const outcome = await page.evaluate(async (what) => {
        const { face, rows } = tools;
        const { Gallery } = galleries;
        const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
        const before = { templateKey: first, ...(what !== 'protect' && { passphrase: 'one' }) };
        const after =
          what === 'reissue' ? { templateKey: second, passphrase: 'one' } : { templateKey: first, passphrase: 'two' };
        /** Whether the gallery opens so, and all of it is there. */
        const whole = async (keys: { templateKey: Uint8Array; passphrase?: string }) => {
          try {
            const gallery = await Gallery.open({ name: 'killed', ...keys });
            if (gallery.locked) return false;
            const people = await gallery.list();
            for (const { name, templates } of people) {
              const number = Number(name.slice(7));
              const crop = new Uint8Array(
                (await (await gallery.crop(templates[0]?.id as string))?.arrayBuffer()) ?? [],
              );
              if (crop.length !== 100_000 || crop.some((byte) => byte !== number)) return false;
              if ((await gallery.identify(face(number))).match?.person.name !== name) return false;
            }
            await gallery.close();
            return people.length === 4;
          } catch (error) {
            // Another key's, or (option-invalid) not sealed at all.
            const closed = ['key-wrong', 'option-invalid'];
            if (error instanceof library.FaceNetError && closed.includes(error.code)) return false;
            throw error;
          }
        };
        const states = { before: await whole(before), after: await whole(after) };
        const people = JSON.stringify((await rows('killed')).people, (_, value) =>
          value instanceof Uint8Array ? String.fromCharCode(...value) : value,
        );
        await new Promise((resolve) => {
          indexedDB.deleteDatabase('facenet-gallery:killed').onsuccess = resolve;
        });
        return { ...states, readable: people.split('Person ').length - 1 };
      }, what);
      const done = at === 'done';
      const expected = { before: !done, after: done, readable: what === 'protect' && !done ? 4 : 0 };
      expect([what, at, outcome]).toEqual([what, at, expected]);
    }
  }
});

test('a database of version 1 is brought to the newest, sealed or not, with all that it held', async ({ page }) => {
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

      // As version 1 had it: each crop inside its template's record.
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
      const crop = await gallery.crop(ada?.templates[0]?.id as string);
      const after = (await tools.rows('old')) as Record<string, object[]>;
      results.push({
        people: people.map(({ name, templates }) => `${name} ${templates.map(({ hasCrop }) => hasCrop)}`),
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
      stores: ['crops 1', 'meta 1', 'people 2', 'templates 2'],
      left: false,
    }),
  );
});

test('a database of a newer release is refused', async ({ page }) => {
  const code = await page.evaluate(async () => {
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open('facenet-gallery:future', 99);
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
    });
    return tools.codeOf(galleries.Gallery.open({ name: 'future', facenet: tools.facenet }));
  });
  expect(code).toBe('gallery-version');
});

test('nothing is readable without the passphrase, and nothing is left after erase', async ({ page, server }) => {
  const kept = await page.evaluate(async () => {
    const { facenet, face, records } = tools;
    const gallery = await galleries.Gallery.open({ name: 'sealed', facenet, passphrase: 'open sesame' });
    const crop = new Blob(['the pixels of Ada'], { type: 'image/png' });
    await gallery.enrol({ name: 'Ada Lovelace', metadata: { phone: '555-1815' } }, face(1), { crop });
    return records();
  });
  for (const secret of ['Ada', 'Lovelace', '555', 'pixels', 'embedding', 'quality', 'addedAt', 'png']) {
    expect(kept).not.toContain(secret);
  }
  await openLibrary(page, server);
  await openTools(page);
  const result = await page.evaluate(async () => {
    const { face, codeOf, records } = tools;
    const { Gallery } = galleries;
    const wrong = await codeOf(Gallery.open({ name: 'sealed', passphrase: 'wrong' }));
    const gallery = await Gallery.open({ name: 'sealed' });
    const locked = [gallery.locked, await codeOf(gallery.identify(face(1)))];
    await gallery.unlock('open sesame');
    const match = (await gallery.identify(face(1))).match?.person.name;
    await gallery.erase();
    return { wrong, locked, match, after: await records(), databases: await indexedDB.databases() };
  });
  expect(result).toEqual({
    wrong: 'key-wrong',
    locked: [true, 'gallery-locked'],
    match: 'Ada Lovelace',
    after: '[]',
    databases: [],
  });
});

test('on the disk a sealed gallery is never readable; a plain one is until the browser has tidied up after erase', async ({
  server,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'facenet-web-profile-'));
  const launch = { executablePath: findChromium() ?? '', args: chromiumFlags };
  /** Opens the profile anew and runs something there; when it is closed, all is on the disk. */
  const inProfile = async <Given, T>(work: (given: Given) => Promise<T>, given: Given): Promise<T> => {
    const context = await chromium.launchPersistentContext(profile, launch);
    const page = await context.newPage();
    await openLibrary(page, server);
    await openTools(page);
    const result = await page.evaluate(work as never, given);
    await context.close();
    return result as T;
  };
  /** Enrols some people, and tells what of them would be known again on the disk: a piece of every part of the records. */
  const enrol = async ({ name, passphrase }: { name: string; passphrase?: string }) => {
    const { facenet, rows } = tools;
    const gallery = await galleries.Gallery.open({ name, facenet, ...(passphrase && { passphrase }) });
    const words: string[] = [];
    // Random, so that nothing is like anything else and would be shortened where the browser compresses its files.
    const word = () => {
      const made = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) =>
        String.fromCharCode(97 + (byte % 26)),
      );
      words.push(made.join(''));
      return made.join('');
    };
    for (let i = 0; i < 10; i++) {
      const embedding = Float32Array.from(crypto.getRandomValues(new Uint32Array(32)), (bits) => bits / 2 ** 31 - 1);
      const length = Math.hypot(...embedding);
      const face = { embedding: embedding.map((value) => value / length), model: 'test' };
      // One crop in two is so large that the browser keeps it in a file of its own.
      const pixels = new Uint8Array(i % 2 === 0 ? 200_000 : 3000);
      for (let at = 0; at < pixels.length; at += 50_000) crypto.getRandomValues(pixels.subarray(at, at + 50_000));
      const image = new Blob([pixels, word()], { type: 'image/png' });
      await gallery.enrol({ name: word(), metadata: { phone: word() } }, face, {
        crop: image,
        allow: ['other-person'],
      });
      words.push(btoa(String.fromCharCode(...new Uint8Array(face.embedding.buffer))).slice(40, 80));
    }
    await gallery.close();
    return { words, templates: (await rows(name)).templates?.length };
  };
  const erase = async (options: { name: string; passphrase?: string }) =>
    (await galleries.Gallery.open(options)).erase();
  /** Which words stand in the files of the profile's databases, in either of the encodings that Chromium has. */
  const found = (words: string[]) => {
    const folder = join(profile, 'Default/IndexedDB');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
    return words.filter((word) =>
      [bytes.indexOf(word, 0, 'latin1'), bytes.indexOf(word, 0, 'utf16le')].some((at) => at >= 0),
    );
  };
  try {
    const keys = { name: 'sealed', passphrase: 'open sesame' };
    const [sealed, plain] = [await inProfile(enrol, keys), await inProfile(enrol, { name: 'plain' })];
    expect([sealed.templates, plain.templates]).toEqual([10, 10]);
    expect(found([...sealed.words, keys.passphrase])).toEqual([]);
    // Without a passphrase all of it is there: the search finds what it looks for.
    expect(found(plain.words)).toEqual(plain.words);
    await inProfile(erase, keys);
    expect(found([...sealed.words, keys.passphrase])).toEqual([]);
    await inProfile(erase, { name: 'plain' });
    // No page can read it now, but much of it still lies in the database's files: how much is up to the browser, and no script
    // can change it. Chromium tidies up when it opens them the next time.
    expect(await inProfile(async () => (await indexedDB.databases()).length, undefined)).toBe(0);
    expect(found(plain.words)).toEqual([]);
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

test('tampered and damaged records are told from a wrong passphrase', async ({ page }) => {
  const codes = await page.evaluate(async () => {
    const { facenet, face, codeOf } = tools;
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
        'a template given to somebody else',
        'templates',
        ([a, b]) => [{ ...a, person: (b as unknown as { person: string }).person }],
      ],
      ['a body that is none', 'people', ([a]) => [{ ...a, body: 'x' }]],
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
  // Without a passphrase records are not authenticated: only what makes no sense is found out.
  expect(codes).toEqual({
    'a flipped bit': ['gallery-corrupt', 'gallery-corrupt'],
    'bodies swapped between people': ['no error', 'gallery-corrupt'],
    'a template given to somebody else': ['no error', 'gallery-corrupt'],
    'a body that is none': ['gallery-corrupt', 'gallery-corrupt'],
    "the gallery's own record": ['gallery-corrupt', 'gallery-corrupt'],
  });
});

test('where storage is denied or full a typed error says so, and memory serves', async ({ page, server }) => {
  const denied = await page.evaluate(async () => {
    const { facenet, face, codeOf } = tools;
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
  // Before the first use: Chromium remembers for a while how much room there was.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
  await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'full', facenet: tools.facenet });
    await gallery.enrol({ name: 'Ada' }, tools.face(1));
    await gallery.close();
  });
  const full = await page.evaluate(async () => {
    const { face, codeOf } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full' });
    const noise = crypto.getRandomValues(new Uint8Array(60_000));
    const crop = new Blob(Array(100).fill(noise));
    const code = await codeOf(gallery.enrol({ name: 'Bob' }, face(2), { crop }));
    return { code, people: (await gallery.list()).map(({ name }) => name) };
  });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  expect(full).toEqual({ code: 'storage-full', people: ['Ada'] });
});
