import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const facenet = { rule };
const open = (options: Partial<GalleryOptions> = {}) =>
  Gallery.open({ name: 'test', storage: 'memory', facenet, ...options });
const face = (embedding: Float32Array, overall?: number) => ({
  embedding,
  model: rule.model,
  ...(overall !== undefined && { quality: { overall } }),
});
/** A gallery of three people with two templates each, and their first embeddings. */
async function galleryOfThree(options: Partial<GalleryOptions> = {}) {
  const synthetic = new Synthetic();
  const gallery = await open(options);
  const people = [];
  for (const name of ['Ada', 'Bob', 'Cleo']) {
    const embedding = synthetic.person();
    const enrolment = await gallery.enrol({ name, metadata: { team: name.length } }, face(embedding, 0.9));
    if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
    await gallery.enrol(enrolment.person, face(synthetic.near(embedding, 0.2), 0.8));
    people.push({ id: enrolment.person.id, name, embedding });
  }
  return { gallery, synthetic, people: people as [Known, Known, Known] };
}
interface Known {
  id: string;
  name: string;
  embedding: Float32Array;
}

describe('identification', () => {
  test('returns the matching person with a probability, and no match for an unknown person', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    for (const { id, name, embedding } of people) {
      const { match, candidates } = await gallery.identify(face(synthetic.near(embedding, 0.25)));
      expect(match?.person).toMatchObject({ id, name, metadata: { team: name.length } });
      expect(match?.probability).toBeGreaterThan(0.9);
      expect(candidates).toHaveLength(1);
    }
    expect(await gallery.identify(synthetic.person())).toMatchObject({ match: undefined, candidates: [] });
  });

  test('states the error rates for the size of the gallery', async () => {
    const { gallery, synthetic } = await galleryOfThree();
    const probe = synthetic.person();
    const strict = await gallery.identify(probe, { far: 1e-3 });
    expect(strict).toMatchObject({ far: 1e-3, faces: 6, threshold: 0.3778 });
    expect(strict.fpir).toBeCloseTo(1 - 0.999 ** 6, 12);
    const chosen = await gallery.identify(probe, { fpir: 0.01 });
    expect(chosen.fpir).toBeCloseTo(0.01, 12);
    expect(chosen.far).toBeCloseTo(1 - 0.99 ** (1 / 6), 12);
    expect(await gallery.identify(probe)).toEqual(chosen);
    expect(await errorCodeOf(gallery.identify(probe, { fpir: 1e-6 }))).toBe('option-invalid');
    expect(await errorCodeOf(gallery.identify(probe, { fpir: 0.01, far: 0.01 }))).toBe('option-invalid');
  });

  test('ranks each person once, by the nearest enrolled face', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [ada] = people;
    await gallery.enrol({ name: 'Twin' }, face(synthetic.near(ada.embedding, 0.3)), { allow: ['other-person'] });
    const { candidates } = await gallery.identify(ada.embedding, { far: 0.01 });
    expect(candidates.map(({ person }) => person.name)).toEqual(['Ada', 'Twin']);
    expect((await gallery.identify(ada.embedding, { far: 0.01, limit: 1 })).candidates).toHaveLength(1);
  });

  test('returns no match in an empty gallery', async () => {
    expect(await (await open()).identify(new Synthetic().person())).toMatchObject({
      match: undefined,
      faces: 0,
      fpir: 0,
    });
  });
});

describe('enrolment', () => {
  test('rejects a picture without a face or with two faces', async () => {
    const { gallery, synthetic } = await galleryOfThree();
    expect(await gallery.enrol({ name: 'Dan' }, [])).toEqual({ enrolled: false, reasons: [{ kind: 'no-face' }] });
    const two = [face(synthetic.person()), face(synthetic.person())];
    expect(await gallery.enrol({ name: 'Dan' }, two)).toEqual({
      enrolled: false,
      reasons: [{ kind: 'several-faces', faces: 2 }],
    });
    expect(await gallery.list()).toHaveLength(3);
  });

  test('enrols the largest face with a warning if several are allowed', async () => {
    const gallery = await open();
    const synthetic = new Synthetic();
    const [small, large] = [1, 2].map((side) => ({
      ...face(synthetic.person()),
      box: { x: 0, y: 0, width: side, height: side },
    }));
    if (!small || !large) throw new Error('A face is missing.');
    const enrolment = await gallery.enrol({ name: 'Dan' }, [small, large], { allow: ['several-faces'] });
    expect(enrolment).toMatchObject({ enrolled: true, warnings: [{ kind: 'several-faces', faces: 2 }] });
    expect((await gallery.identify(large)).match?.distance).toBe(0);
  });

  test('rejects a face of low quality', async () => {
    const gallery = await open();
    const poor = face(new Synthetic().person(), 0.05);
    expect(await gallery.enrol({ name: 'Dan' }, poor)).toEqual({
      enrolled: false,
      reasons: [{ kind: 'low-quality', quality: 0.05, minimum: 0.1 }],
    });
    expect(await gallery.enrol({ name: 'Dan' }, poor, { minQuality: 0.04 })).toMatchObject({ enrolled: true });
  });

  test('rejects a face that matches another person, and returns that candidate', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [ada, bob] = people;
    const similar = face(synthetic.near(ada.embedding, 0.1));
    const reason = {
      kind: 'other-person',
      candidate: { person: { id: ada.id, name: 'Ada' }, probability: expect.any(Number) },
    };
    expect(await gallery.enrol({ name: 'Ada again' }, similar)).toMatchObject({ enrolled: false, reasons: [reason] });
    expect(await gallery.enrol({ id: bob.id }, similar)).toMatchObject({
      enrolled: false,
      reasons: [reason, { kind: 'not-this-person' }],
    });
    expect(await gallery.enrol(ada, similar)).toMatchObject({ enrolled: true, warnings: [] });
  });

  test("rejects a stranger's face for a known person unless that is allowed", async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [ada] = people;
    const stranger = face(synthetic.person());
    const before = await gallery.list();
    const reason = { kind: 'not-this-person', distance: expect.any(Number), threshold: 0.3778 };
    expect(await gallery.enrol(ada, stranger)).toMatchObject({ enrolled: false, reasons: [reason] });
    expect(await gallery.list()).toEqual(before);
    expect((await gallery.identify(stranger)).match).toBeUndefined();
    const allowed = await gallery.enrol(ada, stranger, { allow: ['not-this-person'] });
    expect(allowed).toMatchObject({ enrolled: true, warnings: [reason] });
    // The face is like one of the person's templates now.
    expect(await gallery.enrol(ada, face(synthetic.near(stranger.embedding, 0.1)))).toMatchObject({ enrolled: true });
  });

  test('adds any face to a person whose templates were all removed', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [{ id }] = people;
    for (const template of (await gallery.list())[0]?.faces ?? []) await gallery.remove(id, template.id);
    expect(await gallery.enrol({ id }, face(synthetic.person()))).toMatchObject({ enrolled: true, warnings: [] });
  });

  test('rejects a face similar to another person unless a smaller face of the picture is nearer to that person', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [ada] = people;
    const large = (embedding: Float32Array) => ({
      ...face(embedding),
      box: { x: 0, y: 0, width: 9, height: 9 },
    });
    const [near, similar] = [synthetic.near(ada.embedding, 0.1), synthetic.near(ada.embedding, 0.3)];
    const options = { allow: ['several-faces' as const] };
    const refused = {
      enrolled: false,
      reasons: expect.arrayContaining([expect.objectContaining({ kind: 'other-person' })]),
    };
    expect(await gallery.enrol({ name: 'Sister' }, large(similar), options)).toMatchObject(refused);
    expect(await gallery.enrol({ name: 'Sister' }, [face(similar), large(near)], options)).toMatchObject(refused);
    expect(await gallery.enrol({ name: 'Sister' }, [face(synthetic.person()), large(similar)], options)).toMatchObject(
      refused,
    );
    expect(await gallery.enrol({ name: 'Sister' }, [face(near), large(similar)], options)).toMatchObject({
      enrolled: true,
      warnings: [{ kind: 'several-faces', faces: 2 }],
    });
  });
});

describe('people', () => {
  test('are listed with their faces', async () => {
    const { gallery } = await galleryOfThree();
    const [ada] = await gallery.list();
    expect(ada).toMatchObject({
      name: 'Ada',
      metadata: { team: 3 },
      faces: [
        { quality: 0.9, model: rule.model, hasCrop: false },
        { quality: 0.8, model: rule.model },
      ],
    });
    expect(ada?.createdAt).toBeInstanceOf(Date);
  });

  test('are verified, renamed, merged and removed', async () => {
    const { gallery, synthetic, people } = await galleryOfThree();
    const [ada, bob, cleo] = people;
    const probe = synthetic.near(bob.embedding, 0.2);
    expect(await gallery.verify(bob.id, probe)).toMatchObject({ same: true });
    expect(await gallery.verify(ada.id, probe)).toMatchObject({ same: false });
    expect(await gallery.rename(ada.id, 'Ada L.')).toMatchObject({ name: 'Ada L.' });
    const merged = await gallery.merge(ada.id, bob.id);
    expect(merged).toMatchObject({ id: ada.id, name: 'Ada L.' });
    expect(merged.faces).toHaveLength(4);
    expect((await gallery.identify(probe)).match?.person.id).toBe(ada.id);
    await gallery.remove(ada.id, merged.faces[0]?.id);
    expect((await gallery.list())[0]?.faces).toHaveLength(3);
    await gallery.remove(ada.id);
    expect((await gallery.identify(probe)).match).toBeUndefined();
    expect((await gallery.list()).map(({ id }) => id)).toEqual([cleo.id]);
    for (const call of [
      gallery.remove(ada.id),
      gallery.rename(ada.id, 'x'),
      gallery.verify(ada.id, probe),
      gallery.merge(cleo.id, ada.id),
      gallery.enrol(ada, face(probe)),
      gallery.remove(cleo.id, 'no such template'),
    ]) {
      expect(await errorCodeOf(call)).toBe('person-unknown');
    }
  });

  test('are all stored when they are enrolled concurrently', async () => {
    const gallery = await open();
    const synthetic = new Synthetic();
    await Promise.all(Array.from({ length: 20 }, (_, i) => gallery.enrol({ name: `${i}` }, face(synthetic.person()))));
    expect((await gallery.list()).map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });
});

describe('invalid input', () => {
  const other = { embedding: new Float32Array(128), model: 'other' };
  test.each<[string, string, () => Promise<unknown>]>([
    ['a new gallery without a facenet', 'option-invalid', () => Gallery.open({ name: 'x', storage: 'memory' })],
    ['an empty name', 'option-invalid', () => open({ name: '' })],
    ['an unknown storage', 'option-invalid', () => open({ storage: 'cloud' as 'memory' })],
    ['a browser without IndexedDB', 'storage-unavailable', () => open({ storage: 'indexeddb' })],
    ['a short template key', 'option-invalid', () => open({ templateKey: new Uint8Array(5) })],
    ['an empty passphrase', 'option-invalid', () => open({ passphrase: '' })],
    ['a negative lockAfter', 'option-invalid', () => open({ lockAfter: -1 })],
    ['an embedding of another model', 'model-mismatch', async () => (await open()).identify(other)],
    ['an embedding of another length', 'model-mismatch', async () => (await open()).identify(new Float32Array(5))],
    [
      'an embedding of NaN',
      'option-invalid',
      async () => (await open()).identify(new Float32Array(128).fill(Number.NaN)),
    ],
    ['a face without an embedding', 'option-invalid', async () => (await open()).identify({} as never)],
    ['a blank name of a person', 'option-invalid', async () => (await open()).enrol({ name: ' ' }, [])],
    [
      'metadata that JSON cannot represent',
      'option-invalid',
      async () => (await open()).enrol({ name: 'x', metadata: { a: 1n } }, []),
    ],
    [
      'an issue that cannot be allowed',
      'option-invalid',
      async () => (await open()).enrol({ name: 'x' }, [], { allow: ['no-face' as never] }),
    ],
    ['a string instead of a file', 'option-invalid', async () => (await open()).import('x' as never)],
    ['lock() without a passphrase', 'option-invalid', async () => (await open()).lock()],
  ])('%s throws %s', async (_, code, call) => {
    expect(await errorCodeOf(call())).toBe(code);
  });

  test('an aborted call rejects with the reason and writes nothing', async () => {
    const gallery = await open();
    const call = gallery.enrol({ name: 'x' }, face(new Synthetic().person()), { signal: AbortSignal.abort('why') });
    await expect(call).rejects.toBe('why');
    expect(await gallery.list()).toEqual([]);
  });

  test('calls after close() or erase() throw disposed', async () => {
    for (const end of ['close', 'erase'] as const) {
      const { gallery } = await galleryOfThree();
      await gallery[end]();
      expect(await errorCodeOf(gallery.list())).toBe('disposed');
      expect(await errorCodeOf(gallery.identify(new Float32Array(128)))).toBe('disposed');
    }
  });
});

describe('a crop', () => {
  const picture = (type: string) => new Blob(['<script>alert(1)</script>'], { type });

  test('is an image, whatever an import or an earlier release stored', async () => {
    const gallery = await open();
    const dora = face(new Synthetic(7).person());
    for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml']) {
      expect(await errorCodeOf(gallery.enrol({ name: 'Dora' }, dora, { crop: picture(type) }))).toBe('image-type');
    }
    await gallery.enrol({ name: 'Dora' }, dora, { crop: picture('image/png') });
    const hostile = (await (await gallery.export()).text()).replace('"image/png"', '"text/html"');
    const other = await open();
    await other.import(new Blob([hostile]));
    const [person] = await other.list();
    expect((await other.crop(person?.faces[0]?.id as string))?.type).toBe('application/octet-stream');
  });

  test('is not stored unencrypted beside templates of a template key', async () => {
    const options = { crop: picture('image/png') };
    const dora = face(new Synthetic(7).person());
    const keyed = await open({ templateKey: new Uint8Array(32) });
    expect(await errorCodeOf(keyed.enrol({ name: 'Dora' }, dora, options))).toBe('option-invalid');
    const plain = await open();
    await plain.enrol({ name: 'Dora' }, dora, options);
    expect(await errorCodeOf(plain.reissue(new Uint8Array(32)))).toBe('option-invalid');
    await plain.protect('sesame');
    await plain.reissue(new Uint8Array(32));
    const exported = await plain.export({ plain: true });
    expect(await errorCodeOf(keyed.import(exported))).toBe('option-invalid');
    expect(await keyed.list()).toEqual([]);
    await keyed.protect('sesame');
    expect(await keyed.import(exported)).toEqual({ people: 1, faces: 1 });
    expect((await keyed.enrol({ name: 'Eve' }, face(new Synthetic(8).person()), options)).enrolled).toBe(true);
  });
});

describe('a template key', () => {
  const key = (fill: number) => new Uint8Array(32).fill(fill);

  test('does not change results, and exported templates match no face without the key', async () => {
    const [plain, keyed] = [await galleryOfThree(), await galleryOfThree({ templateKey: key(1) })];
    const probe = plain.synthetic.near(plain.people[0].embedding, 0.25);
    const [a, b] = [await plain.gallery.identify(probe), await keyed.gallery.identify(probe)];
    expect(b.match?.distance).toBeCloseTo(a.match?.distance as number, 6);
    const file = JSON.parse(await (await keyed.gallery.export()).text());
    const leaked = new Float32Array(
      Uint8Array.from(atob(file.records.at(-1).template.embedding), (c) => c.charCodeAt(0)).buffer,
    );
    expect((await plain.gallery.identify(leaked)).match).toBeUndefined();
  });

  test('can be replaced, after which earlier exports are rejected', async () => {
    const { gallery, people } = await galleryOfThree({ templateKey: key(1) });
    const before = await gallery.export();
    await gallery.reissue(key(2));
    expect((await gallery.identify(people[1].embedding)).match).toMatchObject({ person: { name: 'Bob' } });
    expect(await errorCodeOf(gallery.import(before))).toBe('key-wrong');
    const other = await open({ templateKey: key(2) });
    expect(await other.import(await gallery.export())).toEqual({ people: 3, faces: 6 });
    expect((await other.identify(people[1].embedding)).match).toMatchObject({ person: { name: 'Bob' } });
  });
});

describe('a passphrase', () => {
  beforeEach(fastPassphrases);
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('locks and unlocks the gallery and can be changed', async () => {
    const { gallery, people } = await galleryOfThree({ passphrase: 'correct horse' });
    expect(gallery.locked).toBe(false);
    await gallery.lock();
    expect(gallery.locked).toBe(true);
    expect(await errorCodeOf(gallery.list())).toBe('gallery-locked');
    expect(await errorCodeOf(gallery.unlock('wrong'))).toBe('key-wrong');
    await gallery.unlock('correct horse');
    expect(await errorCodeOf(gallery.changePassphrase('wrong', 'x'))).toBe('key-wrong');
    await gallery.changePassphrase('correct horse', 'battery staple');
    await gallery.lock();
    expect(await errorCodeOf(gallery.unlock('correct horse'))).toBe('key-wrong');
    await gallery.unlock('battery staple');
    expect((await gallery.identify(people[2].embedding)).match?.person.name).toBe('Cleo');
  });

  test('can be set later, after which export() requires a passphrase or plain', async () => {
    const { gallery } = await galleryOfThree();
    // A name with a space cannot occur in base64 by chance.
    await gallery.enrol({ name: 'Dan Example' }, face(new Synthetic(9).person()), {
      crop: new Blob(['picture'], { type: 'image/png' }),
    });
    await gallery.protect('secret');
    await gallery.lock();
    await gallery.unlock('secret');
    const dan = (await gallery.list()).find(({ name }) => name === 'Dan Example');
    const crop = await gallery.crop(dan?.faces[0]?.id as string);
    expect([await crop?.text(), crop?.type]).toEqual(['picture', 'image/png']);
    expect(await errorCodeOf(gallery.export())).toBe('option-invalid');
    expect(await (await gallery.export({ passphrase: 'other' })).text()).not.toContain('Dan Example');
    expect(await (await gallery.export({ plain: true })).text()).toContain('Dan Example');
  });

  test('locks the gallery after lockAfter without a call', async () => {
    const { gallery } = await galleryOfThree({ passphrase: 'secret', lockAfter: 100 });
    expect(gallery.locked).toBe(false);
    await expect.poll(() => gallery.locked).toBe(true);
    await gallery.close();
  });
});
