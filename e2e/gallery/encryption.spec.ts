import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright/test';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { chromiumFlags, findChromium } from '../../scripts/kit/chromium.mjs';
import { expect, openGallery, test } from '../support/gallery.ts';

test('stores nothing readable without the passphrase, and nothing at all after erase()', async ({
  galleryPage: page,
  server,
}) => {
  const stored = await page.evaluate(async () => {
    const { facenet, face, records } = tools;
    const gallery = await galleries.Gallery.open({ name: 'sealed', facenet, passphrase: 'open sesame' });
    const crop = new Blob(['the pixels of Ada'], { type: 'image/png' });
    await gallery.enrol({ name: 'Ada Lovelace', metadata: { phone: '555-1815' } }, face(1), { crop });
    return records();
  });
  for (const secret of ['of Ada', 'Lovelace', '555-1815', 'pixels', 'embedding', 'quality', 'addedAt', 'image/png']) {
    expect(stored).not.toContain(secret);
  }
  await openGallery(page, server);
  const result = await page.evaluate(async () => {
    const { face, records } = tools;
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

test('a page that forbids WebAssembly derives keys by PBKDF2, and names the directive that Argon2id needs', async ({
  galleryPage: page,
  browser,
}) => {
  /** The name of the key derivation, and an export. */
  const create = async () => {
    const { facenet, face, rows } = tools;
    const gallery = await galleries.Gallery.open({ name: 'policy', facenet, passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, face(1));
    const [meta] = (await rows('policy')).meta as [{ vault: { kdf: string } }];
    const file = await (await gallery.export({ passphrase: 'one' })).text();
    await gallery.close();
    return { kdf: meta.vault.kdf, file };
  };
  const usual = await page.evaluate(create);
  expect(usual.kdf).toBe('argon2id');
  const headers = { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" };
  const server = await serveLibrary({}, { headers });
  const strict = await openGallery(await browser.newPage(), server);
  expect((await strict.evaluate(create)).kdf).toBe('pbkdf2-sha256');
  const outcomes = await strict.evaluate(async (file) => {
    const gallery = await galleries.Gallery.open({ name: 'policy', passphrase: 'one' });
    const [person] = await gallery.list();
    const refused = await gallery.import(new Blob([file]), { passphrase: 'one' }).catch((error: unknown) => error);
    const { code, message } = refused as { code: string; message: string };
    return { name: person?.name, code, message };
  }, usual.file);
  expect(outcomes).toEqual({
    name: 'Ada',
    code: 'backend-unavailable',
    message: expect.stringContaining("'wasm-unsafe-eval'"),
  });
  await strict.close();
  await server.close();
});

test('leaves no readable data of an encrypted gallery on the disk, and none of a plain gallery after erase()', async ({
  server,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'facenet-web-profile-'));
  const launch = { executablePath: findChromium() ?? '', args: chromiumFlags };
  /** Runs a function on a page of the profile. Afterwards the browser is closed, and has written everything. */
  const inProfile = async <Given, T>(work: (given: Given) => Promise<T>, given: Given): Promise<T> => {
    const context = await chromium.launchPersistentContext(profile, launch);
    const page = await context.newPage();
    await openGallery(page, server);
    const result = await page.evaluate(work as never, given);
    await context.close();
    return result as T;
  };
  /** Enrols people. Returns a random word of every part of their records. */
  const enrol = async ({ name, passphrase }: { name: string; passphrase?: string }) => {
    const { facenet, rows } = tools;
    const gallery = await galleries.Gallery.open({ name, facenet, ...(passphrase && { passphrase }) });
    const words: string[] = [];
    // Random bytes cannot be compressed, so that the files contain them as they are.
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
      // Chromium stores a large crop in a file of its own.
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
  /** The words that are in the database files of the profile, in one of the encodings that Chromium uses. */
  const found = (words: string[]) => {
    const folder = join(profile, 'Default/IndexedDB');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
    return words.filter((word) =>
      [bytes.indexOf(word, 0, 'latin1'), bytes.indexOf(word, 0, 'utf16le')].some((at) => at >= 0),
    );
  };
  try {
    const keys = { name: 'encrypted', passphrase: 'open sesame' };
    const [encrypted, plain] = [await inProfile(enrol, keys), await inProfile(enrol, { name: 'plain' })];
    expect([encrypted.templates, plain.templates]).toEqual([10, 10]);
    expect(found([...encrypted.words, keys.passphrase])).toEqual([]);
    // A plain gallery contains all words, which proves that the search works.
    expect(found(plain.words)).toEqual(plain.words);
    await inProfile(erase, keys);
    expect(found([...encrypted.words, keys.passphrase])).toEqual([]);
    await inProfile(erase, { name: 'plain' });
    // No page can read the records now, but the files still contain some. Chromium removes them when it opens the database next.
    expect(await inProfile(async () => (await indexedDB.databases()).length, undefined)).toBe(0);
    expect(found(plain.words)).toEqual([]);
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});
