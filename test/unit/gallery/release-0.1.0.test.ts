import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { encodeCrop, encodeJson, personToJson, templateToJson } from '../../../lib/gallery/records.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { CropRow, Snapshot, Store } from '../../../lib/gallery/storage/store.ts';
import { readTransfer } from '../../../lib/gallery/transfer.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastArgon2id } from '../../support/fast-passphrases.ts';

fastArgon2id();

/** The store of the gallery, as another visit finds it. */
let kept: Store | undefined;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      kept ??= { ...original.memoryStore(), close: () => {} };
      return kept;
    },
  };
});
afterEach(() => {
  kept = undefined;
});

const passphrase = 'release 0.1.0';
const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/release-0.1.0/${name}`, import.meta.url), 'utf8');
const plain = await readTransfer(new Blob([fixture('gallery.json')]));
const names = plain.people.slice(0, 2).map(({ name }) => name);

type Rows = Omit<Snapshot, 'crops'> & { crops: CropRow[] };

/** The rows of a database that release 0.1.0 wrote. */
function rowsOf(name: string): Rows {
  return JSON.parse(fixture(name), (_, value) =>
    typeof value?.base64 === 'string' ? new Uint8Array(Buffer.from(value.base64, 'base64')) : value,
  );
}

/** Opens a gallery with stored rows. */
async function openRows(rows: Rows, options: { passphrase?: string; templateKey?: Uint8Array }): Promise<Gallery> {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const store = memoryStore();
  const { meta, people, templates, crops } = rows;
  const { revision: _, ...rest } = meta as NonNullable<typeof meta>;
  await store.commit(0, { meta: rest, people, templates, crops });
  return Gallery.open({ name: 'x', storage: 'memory', ...options });
}

/** Opens a gallery again. */
const reopen = (options: { passphrase: string; templateKey?: Uint8Array }) =>
  Gallery.open({ name: 'x', storage: 'memory', ...options });

/** Expects the people, faces and crops of the fixtures. */
async function expectContents(gallery: Gallery): Promise<void> {
  const people = await gallery.list();
  expect(people.map(({ name }) => name)).toEqual(names);
  for (const [i, { id, faces }] of people.entries()) {
    expect(faces.length).toBe(2);
    for (const face of faces) expect((await gallery.crop(face.id))?.type).toBe('image/jpeg');
    const { embedding } = plain.templates.filter(({ person }) => person === plain.people[i]?.id)[0] ?? {};
    const { match } = await gallery.identify(embedding as Float32Array);
    expect(match?.person.id).toBe(id);
    expect(match?.distance).toBeLessThan(1e-3);
  }
}

test('imports an encrypted export', async () => {
  const file = new Blob([fixture('encrypted.json')]);
  await using gallery = await Gallery.open({ name: 'x', storage: 'memory', facenet: { rule: plain.rule } });
  expect(await errorCodeOf(gallery.import(file, { passphrase: 'other' }))).toBe('key-wrong');
  expect(await gallery.import(file, { passphrase })).toEqual({ people: 2, faces: 4 });
  await expectContents(gallery);
});

describe.each<[string, Uint8Array | undefined]>([
  ['rows.json', undefined],
  ['rotated-rows.json', new Uint8Array(32).fill(1)],
])('the database of %s', (name, templateKey) => {
  const keys = { passphrase, ...(templateKey && { templateKey }) };

  test('opens with its keys alone, is changed, and opens again', async () => {
    expect(await errorCodeOf(openRows(rowsOf(name), { ...keys, passphrase: 'other' }))).toBe('key-wrong');
    const otherKey = templateKey ? {} : { templateKey: new Uint8Array(32) };
    kept = undefined;
    expect(await errorCodeOf(openRows(rowsOf(name), { passphrase, ...otherKey }))).toBe(
      templateKey ? 'key-wrong' : 'option-invalid',
    );
    kept = undefined;
    const gallery = await openRows(rowsOf(name), keys);
    await expectContents(gallery);
    await gallery.changePassphrase(passphrase, 'next');
    await gallery.lock();
    await gallery.unlock('next');
    await expectContents(gallery);
    await gallery.close();
    const again = await reopen({ ...keys, passphrase: 'next' });
    await expectContents(again);
  });

  test('notices records that are dropped, and a removed digest, once it was opened', async () => {
    const locked = await openRows(rowsOf(name), templateKey ? { templateKey } : {});
    // Unlocking opens it with its passphrase too.
    await locked.unlock(passphrase);
    await locked.close();
    const store = kept as Store;
    const before = await store.read();
    expect(before.meta?.vault?.kdf).toBe('pbkdf2-sha256');
    expect(await errorCodeOf(reopen(keys))).toBe('no error');
    expect((await store.read()).meta?.revision).toBe(before.meta?.revision);
    const [first] = before.templates;
    const { revision: _, digest: __, ...meta } = before.meta as NonNullable<Snapshot['meta']>;
    for (const changed of [
      { ...before, templates: before.templates.filter((each) => each !== first) },
      { ...before, meta: { ...meta, revision: 1 } },
    ]) {
      kept = { ...store, read: async () => changed };
      expect(await errorCodeOf(reopen(keys))).toBe('gallery-corrupt');
    }
  });

  test('notices its own record of release 0.1.0 after rekey()', async () => {
    const rows = rowsOf(name);
    const gallery = await openRows(rows, keys);
    await gallery.rekey(passphrase);
    await gallery.close();
    const store = kept as Store;
    const current = await store.read();
    kept = { ...store, read: async () => ({ ...current, ...(rows.meta && { meta: rows.meta }) }) };
    expect(await errorCodeOf(reopen(keys))).toBe('gallery-corrupt');
  });

  test('opens on a full disk', async () => {
    const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
    const store = memoryStore();
    await (await openRows(rowsOf(name), templateKey ? { templateKey } : {})).close();
    const full = new FaceNetError('storage-full', 'The disk is full.');
    kept = { ...store, commit: () => Promise.reject(full), replace: () => Promise.reject(full) };
    await expectContents(await reopen(keys));
  });
});

/** Rows that are not encrypted, of the first person with one face and its crop. */
function plainRows({ name = 'Ada', metadata = {}, scale = 1, cropSize = 10 }) {
  const [person] = plain.people as [(typeof plain.people)[number]];
  const [template] = plain.templates as [(typeof plain.templates)[number]];
  const embedding = template.embedding.map((value) => value * scale);
  const unsealed = (data: Uint8Array<ArrayBuffer>) => ({ iv: new Uint8Array(0), data });
  return {
    meta: { revision: 1, rule: plain.rule },
    people: [{ id: person.id, body: unsealed(encodeJson(personToJson({ ...person, name, metadata }))) }],
    templates: [
      { id: template.id, person: person.id, body: unsealed(encodeJson(templateToJson({ ...template, embedding }))) },
    ],
    crops: [{ id: template.id, body: unsealed(encodeCrop({ type: 'image/png', data: new Uint8Array(cropSize) })) }],
  };
}

test.each<[string, Parameters<typeof plainRows>[0]]>([
  ['a name of more than 1000 characters', { name: 'x'.repeat(1001) }],
  ['metadata of more than 2^20 characters', { metadata: { text: 'x'.repeat(2 ** 20) } }],
  ['an embedding that does not have the length 1', { scale: 1.01 }],
  ['a crop of more than 16 MiB', { cropSize: 2 ** 24 + 1 }],
])('does not export %s, and names the person', async (_, changes) => {
  const gallery = await openRows(plainRows(changes), {});
  const { id = '' } = (await gallery.list())[0] ?? {};
  const expected = { code: 'gallery-corrupt', message: expect.stringContaining(id) };
  await expect(gallery.export()).rejects.toMatchObject(expected);
  await expect(gallery.exportPerson(id)).rejects.toMatchObject(expected);
  await gallery.remove(id);
  expect(await errorCodeOf(gallery.export())).toBe('no error');
});

test('exports what import() accepts', async () => {
  const gallery = await openRows(plainRows({ name: 'x'.repeat(1000), cropSize: 2 ** 24 }), {});
  const file = await gallery.export();
  kept = undefined;
  await using other = await Gallery.open({ name: 'y', storage: 'memory', facenet: { rule: plain.rule } });
  expect(await other.import(file)).toEqual({ people: 1, faces: 1 });
});
