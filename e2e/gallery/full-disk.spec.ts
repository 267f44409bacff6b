import type { BrowserContext, Page } from 'playwright/test';
import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
};

/** The arguments of {@link removeOnFullDisk}, because a worker has none of the page's functions. */
interface Removal {
  /** The address of facenet-web/gallery. */
  address: string;
  facenet: typeof tools.facenet;
  faces: { embedding: number[]; model: string }[];
}

/** Runs in a page or a worker: fills the disk to the last bytes, and removes half of the people. */
async function removeOnFullDisk({ address, facenet, faces }: Removal) {
  const { Gallery } = (await import(address)) as typeof galleries;
  const codeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'no error',
      (error) => error.code ?? `${error}`,
    );
  const gallery = await Gallery.open({ name: 'full', facenet, passphrase: 'one', log: true });
  const folder = await navigator.storage.getDirectory();
  const files = async () => {
    const sizes: number[] = [];
    for await (const handle of (folder as unknown as { values(): AsyncIterable<FileSystemFileHandle> }).values()) {
      sizes.push((await handle.getFile()).size);
    }
    return sizes;
  };
  while (!(await files())[0]) await new Promise((resolve) => setTimeout(resolve, 20));
  // Noise is stored uncompressed.
  let count = 0;
  for (let bytes = 1 << 18; bytes >= 16; ) {
    const noise = Array.from({ length: Math.ceil(bytes / 65_536) }, () =>
      crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))),
    );
    const { embedding, model } = faces[count] as Removal['faces'][number];
    const face = { embedding: Float32Array.from(embedding), model };
    const code = await codeOf(
      gallery.enrol({ name: `${count}` }, face, { crop: new Blob(noise), allow: ['other-person'] }),
    );
    if (code === 'no error') count++;
    else if (code === 'storage-full') bytes /= 2;
    else throw new Error(code);
  }
  const people = await gallery.list();
  const full = await codeOf(gallery.rename(people[0]?.id as string, 'renamed'));
  const removed: string[] = [];
  // The last ones have the smallest crops, whose removal frees least.
  const gone = people.slice(-Math.floor(count / 2));
  for (const { id } of gone) removed.push(await codeOf(gallery.remove(id)));
  const left = (await gallery.list()).map(({ name }) => name);
  const events = (await gallery.log()).slice(-removed.length).map(({ event }) => event);
  await gallery.close();
  return { count, full, removed, left, events };
}

/** Runs a function in a worker of the page. */
function inWorker<Given, Result>(page: Page, work: (given: Given) => Promise<Result>, given: Given): Promise<Result> {
  return page.evaluate(
    ([code, given]) =>
      new Promise<Result>((resolve, reject) => {
        const source = `(${code})(${given}).then(postMessage, (error) => setTimeout(() => { throw error; }))`;
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), {
          type: 'module',
        });
        worker.onmessage = ({ data }) => {
          worker.terminate();
          resolve(data);
        };
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
    [work.toString(), JSON.stringify(given)] as const,
  );
}

/**
 * Limits the storage of a page's origin to 4 MB. Call it before the first use of the storage, because Chromium caches the quota for a
 * while. @returns a function that ends the limit.
 */
async function limitDisk(context: BrowserContext, page: Page): Promise<() => Promise<void>> {
  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 });
  return async () => {
    await session.send('Storage.overrideQuotaForOrigin', { origin });
  };
}

for (const where of ['page', 'worker'] as const) {
  test(`people are removed in a ${where} while the disk is full, from a reserve of space that is erased with the gallery`, async ({
    galleryPage: page,
    context,
    server,
  }) => {
    await limitDisk(context, page);
    const removal: Removal = await page.evaluate(() => ({
      address: new URL('/dist/gallery.js', location.href).href,
      facenet: tools.facenet,
      faces: Array.from({ length: 60 }, (_, i) => ({ ...tools.face(i), embedding: [...tools.face(i).embedding] })),
    }));
    const result =
      where === 'page'
        ? await page.evaluate(removeOnFullDisk, removal)
        : await inWorker(page, removeOnFullDisk, removal);
    const { count, removed } = result;
    const names = Array.from({ length: count - removed.length }, (_, i) => `${i}`);
    expect(removed.length).toBeGreaterThan(3);
    expect(result).toEqual({
      count,
      full: 'storage-full',
      removed: removed.map(() => 'no error'),
      left: names,
      events: removed.map(() => 'erased'),
    });
    const other = await openGallery(await context.newPage(), server);
    const read = await other.evaluate(async () => {
      const waiting = localStorage.length;
      const gallery = await galleries.Gallery.open({ name: 'full', passphrase: 'one' });
      const names = (await gallery.list()).map(({ name }) => name);
      const events = (await gallery.log()).filter(({ event }) => event === 'erased').length;
      await gallery.erase();
      const files = [];
      const folder = await navigator.storage.getDirectory();
      for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) files.push(name);
      return { waiting, names, events, files };
    });
    expect(read).toEqual({ waiting: 0, names, events: removed.length, files: [] });
  });
}

test('people are removed while the disk is full without a reserve, with entries in the log, and for every later tab', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const unlimitDisk = await limitDisk(context, page);
  const result = await page.evaluate(async () => {
    const { facenet, face, rows } = tools;
    Object.assign(navigator.storage, { getDirectory: undefined });
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

  await unlimitDisk();
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

test('a change of keys whose last copy does not fit at the quota lasts, and people can be removed before there is space', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const unlimitDisk = await limitDisk(context, page);
  const second = 'facenet-gallery-replacement:unfinished';
  const changed = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'unfinished', facenet, passphrase: 'one', log: true });
    // Two copies fit, and three do not. Chromium stores larger crops as files, whose space it frees at once.
    for (let i = 0; i < 34; i++) {
      const crop = new Blob([crypto.getRandomValues(new Uint8Array(40_000))]);
      await gallery.enrol({ name: `${i}` }, face(i), { crop, allow: ['other-person'] });
    }
    const [gone] = await gallery.list();
    const codes = [await codeOf(gallery.rekey('two')), await codeOf(gallery.remove(gone?.id as string))];
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    await gallery.close();
    return { codes, databases };
  });
  expect(changed.codes).toEqual(['no error', 'no error']);
  expect(changed.databases).toContain(second);
  const read = (tab: Page) =>
    tab.evaluate(async () => {
      const gallery = await galleries.Gallery.open({ name: 'unfinished', passphrase: 'two' });
      const people = await gallery.list();
      const crop = await gallery.crop(people[0]?.faces[0]?.id as string);
      const events = (await gallery.log()).map(({ event }) => event);
      await gallery.close();
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      return { people: people.length, crop: crop?.size, events: events.slice(-2), databases };
    });
  const expected = { people: 33, crop: 40_000, events: ['changed', 'erased'] };
  const other = await openGallery(await context.newPage(), server);
  expect(await read(other)).toMatchObject(expected);
  await unlimitDisk();
  expect(await read(other)).toEqual({ ...expected, databases: ['facenet-gallery:unfinished'] });
});

/** Runs in a worker: erases a gallery, and creates another one of that name at the same revision. */
async function replaceInWorker({ address, facenet, faces, keys }: Removal & { keys: { passphrase?: string } }) {
  const { Gallery } = (await import(address)) as typeof galleries;
  const code = await Gallery.open({ name: 'full', ...keys }).then(
    () => 'no error',
    (error) => error.code,
  );
  await Gallery.erase('full');
  const gallery = await Gallery.open({ name: 'full', facenet, log: true, ...keys });
  for (const [i, { embedding, model }] of faces.entries()) {
    await gallery.enrol({ name: `${i}` }, { embedding: Float32Array.from(embedding), model });
  }
  await gallery.close();
  return code;
}

for (const keys of [{}, { passphrase: 'one' }]) {
  const kind = 'passphrase' in keys ? 'an encrypted' : 'a plain';
  test(`a removal that waits in ${kind} gallery is not applied to another one of its name, after an erase in a worker`, async ({
    galleryPage: page,
    context,
    server,
  }) => {
    const removal = await page.evaluate(async (keys) => {
      const { facenet, face } = tools;
      const gallery = await galleries.Gallery.open({ name: 'full', facenet, log: true, ...keys });
      const enrolment = await gallery.enrol({ name: 'Ada' }, face(1));
      await gallery.enrol({ name: 'Bob' }, face(2));
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      if (enrolment.enrolled) await gallery.remove(enrolment.person.id);
      IDBObjectStore.prototype.put = put;
      await gallery.close();
      return {
        address: new URL('/dist/gallery.js', location.href).href,
        facenet,
        faces: [3, 4].map((seed) => ({ ...face(seed), embedding: [...face(seed).embedding] })),
        keys,
      };
    }, keys);
    const waiting = () => page.evaluate(() => localStorage.length);
    expect(await waiting()).toBe(1);
    // A worker does not see what waits, only that something does.
    expect(await inWorker(page, replaceInWorker, removal)).toBe('storage-full');
    expect(await waiting()).toBe(1);
    const other = await openGallery(await context.newPage(), server);
    const read = await other.evaluate(async (keys) => {
      const gallery = await galleries.Gallery.open({ name: 'full', ...keys });
      const waiting = localStorage.length;
      const names = (await gallery.list()).map(({ name }) => name);
      const events = (await gallery.log()).map(({ event }) => event);
      return { names, events, waiting };
    }, keys);
    expect(read).toEqual({ names: ['0', '1'], events: ['log-started', 'enrolled', 'enrolled'], waiting: 0 });
  });
}

/** Runs in a worker: opens a gallery, and identifies a face whenever a message asks for it. */
async function identifyInWorker({ address, faces }: Removal) {
  const { Gallery } = (await import(address)) as typeof galleries;
  const gallery = await Gallery.open({ name: 'full' });
  await gallery.list();
  const channel = new BroadcastChannel('identify');
  const [{ embedding, model }] = faces as [Removal['faces'][number]];
  channel.onmessage = async () => {
    const found = gallery.identify({ embedding: Float32Array.from(embedding), model });
    channel.postMessage(await found.then(({ match }) => match?.person.name ?? 'nobody').catch((error) => error.code));
  };
  channel.postMessage('open');
  await new Promise(() => {});
}

test('a worker that has the gallery open identifies nobody until a page has written a removal that waits', async ({
  galleryPage: page,
}) => {
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'full', facenet });
    const enrolment = await gallery.enrol({ name: 'Ada' }, face(1));
    await gallery.enrol({ name: 'Bob' }, face(2));
    const channel = new BroadcastChannel('identify');
    const answer = () =>
      new Promise<string>((resolve) => {
        channel.onmessage = ({ data }) => resolve(data);
      });
    Object.assign(globalThis, { gallery, enrolment, channel, answer, opened: answer() });
  });
  const removal = await page.evaluate(() => ({
    address: new URL('/dist/gallery.js', location.href).href,
    facenet: tools.facenet,
    faces: [{ ...tools.face(1), embedding: [...tools.face(1).embedding] }],
  }));
  void inWorker(page, identifyInWorker, removal).catch(() => {});
  const answers = await page.evaluate(async () => {
    const { gallery, enrolment, channel, answer, opened } = globalThis as unknown as Globals & {
      enrolment: Awaited<ReturnType<Globals['gallery']['enrol']>>;
      channel: BroadcastChannel;
      answer: () => Promise<string>;
      opened: Promise<string>;
    };
    const ask = () => {
      channel.postMessage('');
      return answer();
    };
    const answers = [await opened, await ask()];
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    if (enrolment.enrolled) await gallery.remove(enrolment.person.id);
    answers.push(await ask());
    IDBObjectStore.prototype.put = put;
    const [bob] = await gallery.list();
    await gallery.rename(bob?.id as string, 'B');
    return [...answers, await ask()];
  });
  expect(answers).toEqual(['open', 'Ada', 'storage-full', 'nobody']);
});

test('a removal that waits is forgotten by an open page when a worker erases the gallery', async ({
  galleryPage: page,
}) => {
  const { address, waiting } = await page.evaluate(async () => {
    const { facenet, face } = tools;
    let erased = () => {};
    const disposed = new Promise<void>((resolve) => {
      erased = resolve;
    });
    const gallery = await galleries.Gallery.open({ name: 'full', facenet, onChange: erased });
    const enrolment = await gallery.enrol({ name: 'Ada' }, face(1));
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    if (enrolment.enrolled) await gallery.remove(enrolment.person.id);
    IDBObjectStore.prototype.put = put;
    Object.assign(globalThis, { disposed });
    return { address: new URL('/dist/gallery.js', location.href).href, waiting: localStorage.length };
  });
  expect(waiting).toBe(1);
  const erase = async (address: string) => ((await import(address)) as typeof galleries).Gallery.erase('full');
  await inWorker(page, erase, address);
  const left = await page.evaluate(async () => {
    await (globalThis as unknown as { disposed: Promise<void> }).disposed;
    return localStorage.length;
  });
  expect(left).toBe(0);
});
