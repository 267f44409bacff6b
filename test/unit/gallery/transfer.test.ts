import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createVault } from '../../../lib/gallery/crypto/vault.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { readTransfer } from '../../../lib/gallery/transfer.ts';
import type { Transfer } from '../../../lib/gallery/transfer-format.ts';
import { writeTransfer } from '../../../lib/gallery/transfer-writing.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') });
const text = fc.string({ minLength: 1, maxLength: 100 }).filter((each) => each.trim() !== '');
const consent = fc.record(
  { purpose: text, text, version: text, at: date, until: date },
  { requiredKeys: ['purpose', 'text', 'version', 'at'] },
);
const person = fc.record(
  {
    id: fc.uuid(),
    name: fc.string({ minLength: 1 }),
    metadata: fc.dictionary(
      fc.string().filter((key) => !['__proto__', 'prototype', 'constructor'].includes(key)),
      fc.jsonValue(),
    ),
    createdAt: date,
    consent,
    expiresAt: date,
    lastSeenAt: date,
  },
  { requiredKeys: ['id', 'name', 'metadata', 'createdAt'] },
);
const template = fc.record({
  id: fc.uuid(),
  embedding: fc.float32Array({ minLength: 1, maxLength: 32, noNaN: true, noDefaultInfinity: true }),
  quality: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  model: fc.string({ minLength: 1 }),
  addedAt: date,
});
const crop = fc.record({
  type: fc.constantFrom('image/png', 'image/jpeg', 'application/octet-stream'),
  bytes: fc.uint8Array({ maxLength: 300 }),
});
const transfer: fc.Arbitrary<Transfer> = fc
  .record({
    people: fc.uniqueArray(person, { selector: ({ id }) => id, maxLength: 5 }),
    templates: fc.uniqueArray(fc.tuple(template, fc.option(crop)), { selector: ([{ id }]) => id, maxLength: 15 }),
    rotation: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
  })
  .map(({ people, templates, rotation }) => {
    // Every template needs a person.
    const owned = people.length === 0 ? [] : templates;
    return {
      rule,
      rotation: rotation && new Uint8Array(rotation),
      people,
      templates: people.flatMap(({ id }, i) =>
        owned.filter((_, j) => j % people.length === i).map(([each]) => ({ ...each, person: id })),
      ),
      crops: people.flatMap((_, i) =>
        owned
          .filter(([, crop], j) => crop && j % people.length === i)
          .map(([{ id }, crop]) => ({
            id,
            crop: { type: crop?.type ?? '', data: new Uint8Array(crop?.bytes ?? []) },
          })),
      ),
    };
  });

const blob = (value: unknown) => new Blob([typeof value === 'string' ? value : JSON.stringify(value)]);
/** A value as JSON restores it: -0 becomes 0. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

/** An export with one person, one template and its crop. */
async function exportOfOne(passphrase?: string) {
  const synthetic = new Synthetic();
  await using gallery = await Gallery.open({ name: 'x', storage: 'memory', facenet: { rule } });
  const face = { embedding: synthetic.person(), model: rule.model };
  await gallery.enrol({ name: 'Ada', metadata: { secret: 'sesame' } }, face, {
    crop: new Blob(['pixels'], { type: 'image/png' }),
  });
  return await gallery.export(passphrase === undefined ? {} : { passphrase });
}

/** One person with a template and a crop for each size in bytes. */
async function largeTransfer(sizes: number[]): Promise<Transfer> {
  const [owner, at] = [crypto.randomUUID(), new Date(0)];
  const templates = sizes.map(() => ({
    id: crypto.randomUUID(),
    person: owner,
    embedding: new Synthetic().person(),
    quality: 0.5,
    model: rule.model,
    addedAt: at,
  }));
  const crops = templates.map(({ id }, i) => {
    const bytes = new Uint8Array(sizes[i] as number).map((_, j) => j * (i + 1) + (j >> 8));
    return { id, crop: { type: 'image/png', data: bytes } };
  });
  return {
    rule,
    rotation: undefined,
    people: [{ id: owner, name: 'Ada', metadata: {}, createdAt: at }],
    templates,
    crops,
  };
}

/** The size and a digest of every crop, by its template. */
async function digestsOf({ crops }: Pick<Transfer, 'crops'>): Promise<Record<string, unknown>> {
  const entries = crops.map(async ({ id, crop }) => {
    const digest = await crypto.subtle.digest('SHA-256', crop.data);
    return [id, [crop.data.length, Buffer.from(digest).toString('hex')]] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Writes an export as release 0.1.0 did. */
async function fileOfVersion1(transfer: Transfer, passphrase: string | undefined): Promise<Blob> {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const header = { format: 'facenet-gallery', version: 1 };
  const templates = transfer.templates.map(async ({ embedding, person: _, ...template }, i) => ({
    ...template,
    embedding: base64(new Uint8Array(embedding.buffer)),
    crop: { type: 'image/png', data: base64(transfer.crops[i]?.crop.data as Uint8Array) },
  }));
  const people = [{ ...transfer.people[0], templates: await Promise.all(templates) }];
  const plain = JSON.stringify({ ...header, rule, people });
  if (passphrase === undefined) return new Blob([plain]);
  const { header: vault, cipher } = await createVault(passphrase);
  const content = await cipher.seal(new TextEncoder().encode(plain), 'export');
  return new Blob([
    JSON.stringify({ ...header, vault, content }, (_, value) => (value instanceof Uint8Array ? base64(value) : value)),
  ]);
}

afterEach(() => vi.restoreAllMocks());

describe('export and import', () => {
  const expectRoundTrip = async (before: Transfer, passphrase: string | undefined) => {
    const after = await readTransfer(await writeTransfer(before, passphrase), passphrase);
    expect(asJson(after.people)).toEqual(asJson(before.people));
    expect(after.templates).toEqual(before.templates);
    expect(after.crops).toEqual(before.crops);
    expect(after.rotation).toEqual(before.rotation);
    expect(after.rule).toEqual(before.rule);
  };

  test('restores people, templates, crops and the check value of the template key', async () => {
    const seen = { crops: 0, rotated: 0 };
    await fc.assert(
      fc.asyncProperty(transfer, async (before) => {
        await expectRoundTrip(before, undefined);
        seen.crops += before.crops.length;
        seen.rotated += before.rotation ? 1 : 0;
      }),
      { numRuns: 200 },
    );
    // Guards against a generator that only yields empty values.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  test('restores an encrypted export for any passphrase', async () => {
    // Few runs, because key derivation is slow by design.
    await fc.assert(fc.asyncProperty(transfer, fc.string({ unit: 'grapheme', minLength: 1 }), expectRoundTrip), {
      numRuns: 4,
    });
  });

  test('adds nothing when the same file is imported twice', async () => {
    const file = await exportOfOne();
    await using gallery = await Gallery.open({ name: 'y', storage: 'memory', facenet: { rule } });
    expect(await gallery.import(file)).toEqual({ people: 1, faces: 1 });
    expect(await gallery.import(file)).toEqual({ people: 0, faces: 0 });
    const [ada] = await gallery.list();
    expect(ada).toMatchObject({ name: 'Ada', metadata: { secret: 'sesame' } });
    expect(await (await gallery.crop(ada?.faces[0]?.id as string))?.text()).toBe('pixels');
  });

  test('reveals nothing without the passphrase and distinguishes a wrong passphrase from damage', async () => {
    const file = await exportOfOne('open');
    const text = await file.text();
    // Without quotation marks three letters can occur in base64 by chance.
    for (const secret of ['"Ada"', 'sesame', 'pixels', rule.model]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(btoa(secret).slice(0, 6));
    }
    expect((await readTransfer(file, 'open')).people).toHaveLength(1);
    expect(await errorCodeOf(readTransfer(file))).toBe('key-wrong');
    expect(await errorCodeOf(readTransfer(file, 'shut'))).toBe('key-wrong');
    const damaged = JSON.parse(text);
    const { data } = damaged.records[1];
    damaged.records[1].data = `${data[0] === 'A' ? 'B' : 'A'}${data.slice(1)}`;
    expect(await errorCodeOf(readTransfer(blob(damaged), 'open'))).toBe('gallery-corrupt');
    const header = JSON.parse(text);
    header.vault.salt = btoa('0123456789abcdef');
    expect(await errorCodeOf(readTransfer(blob(header), 'open'))).toBe('gallery-corrupt');
    const cheap = JSON.parse(text);
    cheap.vault.memory = 8;
    expect(await errorCodeOf(readTransfer(blob(cheap), 'open'))).toBe('gallery-corrupt');
  });

  test.each(['euclidean', 'cosine'] as const)(
    'refuses embeddings that are not of length 1, in an import and in an enrolment: %s',
    async (metric) => {
      const measured = { ...rule, metric };
      await using gallery = await Gallery.open({ name: 'u', storage: 'memory', facenet: { rule: measured } });
      const transfer = { ...(await largeTransfer([10])), rule: measured };
      for (const factor of [0, 0.99, 1.01, 1e10]) {
        const templates = transfer.templates.map((each) => ({
          ...each,
          embedding: each.embedding.map((value) => value * factor),
        }));
        const file = await writeTransfer({ ...transfer, templates });
        expect(await errorCodeOf(gallery.import(file))).toBe('gallery-corrupt');
        const face = { embedding: templates[0]?.embedding as Float32Array, model: rule.model };
        expect(await errorCodeOf(gallery.enrol({ name: 'Ada' }, face))).toBe('option-invalid');
      }
      expect(await gallery.import(await writeTransfer(transfer))).toEqual({ people: 1, faces: 1 });
    },
  );

  test('refuses names, metadata, crops, record numbers and files above their limits, and accepts those at the limit', async () => {
    await using gallery = await Gallery.open({ name: 'u', storage: 'memory', facenet: { rule } });
    const transfer = await largeTransfer([10]);
    const [ada] = transfer.people as [Transfer['people'][number]];
    const [crop] = transfer.crops as [Transfer['crops'][number]];
    const named = (length: number) => ({ ...transfer, people: [{ ...ada, name: 'x'.repeat(length) }] });
    // As JSON, {"text":"…"} has 11 characters more than the text.
    const described = (length: number) => ({
      ...transfer,
      people: [{ ...ada, metadata: { text: 'x'.repeat(length - 11) } }],
    });
    const pictured = (length: number) => ({
      ...transfer,
      crops: [{ id: crop.id, crop: { type: 'image/png', data: new Uint8Array(length) } }],
    });
    const limits = [
      [named, 1000],
      [described, 2 ** 20],
      [pictured, 2 ** 24],
    ] as const;
    for (const [changed, limit] of limits) {
      expect(await errorCodeOf(gallery.import(await writeTransfer(changed(limit + 1))))).toBe('option-invalid');
      expect(await errorCodeOf(gallery.import(await writeTransfer(changed(limit))))).toBe('no error');
      const { id } = (await gallery.list())[0] as { id: string };
      expect(await errorCodeOf(gallery.rename(id, 'x'.repeat(1001)))).toBe('option-invalid');
      await gallery.remove(id);
    }
    const large = { size: 2 ** 30 + 1, slice: () => new Blob() } as unknown as Blob;
    expect(await errorCodeOf(readTransfer(large))).toBe('option-invalid');
    const many = (await (await writeTransfer(transfer)).text()).replace('"people":1,', '"people":1000001,');
    expect(await errorCodeOf(gallery.import(blob(many)))).toBe('gallery-corrupt');
  });

  test('refuses a file that is not encrypted if a passphrase is given, in either version', async () => {
    const transfer = await largeTransfer([10]);
    for (const file of [await writeTransfer(transfer), await fileOfVersion1(transfer, undefined)]) {
      expect(await errorCodeOf(readTransfer(file, 'open'))).toBe('option-invalid');
      expect(await errorCodeOf(readTransfer(file))).toBe('no error');
      const compact = new Blob([JSON.stringify(JSON.parse(await file.text()))]);
      expect(await errorCodeOf(readTransfer(compact, 'open'))).toBe('option-invalid');
    }
  });

  test.each([undefined, 'open'])('restores crops of any size, with the passphrase %s', async (passphrase) => {
    fastPassphrases();
    const { people, templates, ...rest } = await largeTransfer([6e6, 10, 9e6]);
    const file = await writeTransfer({ people, templates, ...rest }, passphrase);
    const after = await readTransfer(file, passphrase);
    expect(after.people).toEqual(people);
    expect(await digestsOf(after)).toEqual(await digestsOf(rest));
    // The same file without line breaks, as a formatter writes it.
    const compact = new Blob([JSON.stringify(JSON.parse(await file.text()))]);
    expect(await digestsOf(await readTransfer(compact, passphrase))).toEqual(await digestsOf(rest));
  });

  test.each([undefined, 'open'])(
    'restores large exports of release 0.1.0, with the passphrase %s',
    async (passphrase) => {
      fastPassphrases();
      const transfer = await largeTransfer([6e6, 10]);
      const file = await fileOfVersion1(transfer, passphrase);
      expect(file.size).toBeGreaterThan(8e6);
      expect(await digestsOf(await readTransfer(file, passphrase))).toEqual(await digestsOf(transfer));
    },
  );

  test('reads the export that release 0.1.0 wrote', async () => {
    const file = new Blob([readFileSync(new URL('../../fixtures/release-0.1.0/gallery.json', import.meta.url))]);
    const { people, templates, crops } = await readTransfer(file);
    expect([people.length, templates.length, crops.length]).toEqual([6, 12, 8]);
  });

  test('detects records that are missing, repeated or reordered, in plain and encrypted exports', async () => {
    fastPassphrases();
    const transfer = await largeTransfer([10, 20, 30]);
    for (const passphrase of [undefined, 'open']) {
      const lines = (await (await writeTransfer(transfer, passphrase)).text()).trimEnd().split('\n');
      const readLines = (changed: string[]) => errorCodeOf(readTransfer(new Blob([changed.join('\n')]), passphrase));
      expect(await readLines(lines)).toBe('no error');
      for (let i = 1; i < lines.length; i++) {
        expect(await readLines(lines.toSpliced(i, 1))).toBe('gallery-corrupt');
        expect(await readLines(lines.slice(0, i))).toBe('gallery-corrupt');
        if (i < lines.length - 1) {
          expect(await readLines(lines.toSpliced(i, 0, lines[i] as string))).toBe('gallery-corrupt');
        }
      }
      const [third, fourth] = [lines[3], lines[4]] as [string, string];
      expect(await readLines(lines.toSpliced(3, 2, fourth, third))).toBe(
        passphrase === undefined ? 'no error' : 'gallery-corrupt',
      );
    }
  });

  test('throws storage-unavailable if the browser cannot read the file, and imports nothing', async () => {
    const file = await exportOfOne();
    // A Blob of a browser without memory for it, or of a file that was changed on the disk: after its first part.
    const { slice } = file;
    file.slice = function unreadable(start, end) {
      const part = slice.call(this, start, end);
      if (start === 0 && end !== undefined && end < 1 << 20) return part;
      part.arrayBuffer = async () => {
        throw new DOMException('The requested file could not be read.', 'NotReadableError');
      };
      return part;
    };
    const gallery = await Gallery.open({ name: 'unreadable', storage: 'memory', facenet: { rule } });
    expect(await errorCodeOf(gallery.import(file))).toBe('storage-unavailable');
    expect(await gallery.list()).toEqual([]);
  });

  test('throws gallery-corrupt for arbitrary input', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), async (junk) => {
        const file = new Blob([typeof junk === 'string' ? junk : new Uint8Array(junk)]);
        expect(await errorCodeOf(readTransfer(file))).toBe('gallery-corrupt');
      }),
      { numRuns: 300 },
    );
    expect(await errorCodeOf(readTransfer(blob({ format: 'facenet-gallery', version: 99 })))).toBe('gallery-version');
  });

  test('throws a documented error, or imports, when any part of an export is replaced', async () => {
    const original = JSON.parse(await (await exportOfOne()).text());
    const paths: (string | number)[][] = [];
    const visit = (value: unknown, path: (string | number)[]) => {
      paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
    };
    visit(original, []);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths.slice(1)), fc.jsonValue(), async (path, value) => {
        const changed = structuredClone(original);
        const parent = path.slice(0, -1).reduce((node, key) => node[key], changed);
        parent[path.at(-1) as string] = value;
        await using gallery = await Gallery.open({ name: 'z', storage: 'memory', facenet: { rule } });
        expect(['no error', 'gallery-corrupt', 'gallery-version', 'model-mismatch', 'key-wrong']).toContain(
          await errorCodeOf(gallery.import(blob(changed))),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('does not let a file change a prototype', async () => {
    const file = (await (await exportOfOne()).text()).replace(
      '"metadata":{',
      '"metadata":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    );
    await using gallery = await Gallery.open({ name: 'p', storage: 'memory', facenet: { rule } });
    await gallery.import(blob(file));
    const [ada] = await gallery.list();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(ada?.metadata.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(ada?.metadata)).toBe(Object.prototype);
  });
});
