import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright/test';
import { chromiumFlags, findChromium } from '../../scripts/kit/chromium.mjs';
import { expect, openGallery, test } from '../support/gallery.ts';

const methods = ['protect', 'changePassphrase', 'rekey', 'reissue'] as const;

test('no protecting method leaves on the disk what it replaces, after the next start of the browser', async ({
  server,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'facenet-web-profile-'));
  const launch = { executablePath: findChromium() ?? '', args: chromiumFlags };
  const inProfile = async <T>(work: (page: Page) => Promise<T>): Promise<T> => {
    const context = await chromium.launchPersistentContext(profile, launch);
    const page = await context.newPage();
    await openGallery(page, server);
    const result = await work(page);
    await context.close();
    return result;
  };
  /** Enrols people. Returns what the method is to replace, as bytes in base64. */
  const enrol = async (method: (typeof methods)[number]) => {
    const { facenet, rows } = tools;
    const plain = method === 'protect' || method === 'reissue';
    const gallery = await galleries.Gallery.open({ name: method, facenet, ...(!plain && { passphrase: 'one' }) });
    const words: string[] = [];
    const word = () => {
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      const made = Array.from(bytes, (byte) => String.fromCharCode(97 + (byte % 26))).join('');
      if (method === 'protect') words.push(btoa(made));
      return made;
    };
    for (let i = 0; i < 10; i++) {
      const embedding = Float32Array.from(crypto.getRandomValues(new Uint32Array(32)), (bits) => bits / 2 ** 31 - 1);
      const length = Math.hypot(...embedding);
      const face = { embedding: embedding.map((value) => value / length), model: 'test' };
      const crop =
        method === 'reissue' ? {} : { crop: new Blob([crypto.getRandomValues(new Uint8Array(3000)), word()]) };
      await gallery.enrol({ name: word(), metadata: { phone: word() } }, face, { ...crop, allow: ['other-person'] });
      const base64 = btoa(String.fromCharCode(...new Uint8Array(face.embedding.buffer))).slice(40, 80);
      if (method === 'reissue' || method === 'protect') words.push(btoa(base64));
    }
    await gallery.close();
    const stored = (await rows(method)) as { meta?: { vault?: { salt: Uint8Array; dataKey: { data: Uint8Array } } }[] };
    const vault = stored.meta?.[0]?.vault;
    if (vault) words.push(...[vault.salt, vault.dataKey.data].map((bytes) => btoa(String.fromCharCode(...bytes))));
    return words;
  };
  const change = async (method: (typeof methods)[number]) => {
    const plain = method === 'protect' || method === 'reissue';
    const gallery = await galleries.Gallery.open({ name: method, ...(!plain && { passphrase: 'one' }) });
    if (method === 'protect') await gallery.protect('two');
    if (method === 'changePassphrase') await gallery.changePassphrase('one', 'two');
    if (method === 'rekey') await gallery.rekey('two');
    if (method === 'reissue') await gallery.reissue(new Uint8Array(32).fill(7));
    const people = (await gallery.list()).length;
    await gallery.close();
    return people;
  };
  const found = (words: readonly string[]) => {
    const folder = join(profile, 'Default/IndexedDB');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
    return words.filter((word) => {
      const searched = Buffer.from(word, 'base64');
      return [searched, Buffer.from(searched.toString('latin1'), 'utf16le')].some((each) => bytes.includes(each));
    });
  };
  try {
    const words = await inProfile(async (page) => {
      const replaced: [string, string[]][] = [];
      for (const method of methods) replaced.push([method, await page.evaluate(enrol, method)]);
      return replaced;
    });
    // This proves that the search works.
    expect(words.map(([method, each]) => [method, found(each)])).toEqual(words);
    await inProfile(async (page) => {
      for (const method of methods) expect([method, await page.evaluate(change, method)]).toEqual([method, 10]);
    });
    // Chromium removes deleted databases from its files when it opens them next.
    const databases = () => indexedDB.databases().then(({ length }) => length);
    expect(await inProfile((page) => page.evaluate(databases))).toBeGreaterThan(0);
    expect(words.map(([method, each]) => [method, found(each)])).toEqual(words.map(([method]) => [method, []]));
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});
