import { beforeAll, describe, expect, test } from 'vitest';
import { compareEmbeddings } from '../../../../lib/comparison/compare.ts';
import { Gallery } from '../../../../lib/gallery/index.ts';
import { Head, type HeadExample, trainHead } from '../../../../lib/training/index.ts';
import { codeOf, noisyPeople } from './noisy-people.ts';

describe('a trained head', () => {
  const examples = noisyPeople(120, 4);
  const [a, b, c] = noisyPeople(2, 2, 31) as [HeadExample, HeadExample, HeadExample];
  let head: Head;
  beforeAll(async () => {
    head = await trainHead(examples, { epochs: 2, heldOut: 0.4 });
  });

  test('makes embeddings of its own model, which cannot be compared with those of the base model', async () => {
    expect(head.model).toMatch(/^base\+head-[0-9a-f]{12}$/);
    const applied = head.apply({ ...a, box: 7 });
    expect(applied).toMatchObject({ model: head.model, person: a.person, box: 7 });
    expect(Math.hypot(...applied.embedding)).toBeCloseTo(1, 5);
    expect(head.apply([a, b])).toHaveLength(2);
    const mismatch = expect.objectContaining({ code: 'model-mismatch' });
    expect(() => head.compare(a, applied)).toThrow(mismatch);
    expect(() => head.apply(applied)).toThrow(mismatch);
    expect(() => head.on({ models: { embedder: 'other' } } as never)).toThrow(mismatch);
  });

  test('is calibrated on the held-out people', async () => {
    expect(head.calibrated).toBe(true);
    const [x, y, z] = head.apply([a, b, c]) as [HeadExample, HeadExample, HeadExample];
    const [same, different] = [head.compare(x, y, { far: 0.01 }), head.compare(x, z, { far: 0.01 })];
    expect(same.probability).toBeGreaterThan(different.probability);
    expect(same).toEqual(compareEmbeddings(x, y, head.rule, { far: 0.01 }));
    await using few = await trainHead(examples.slice(0, 40), { epochs: 1 });
    expect(() => few.rule).toThrow(expect.objectContaining({ code: 'not-calibrated' }));
  });

  test('is saved and loaded without rounding; files that are damaged, newer or not a head are rejected', async () => {
    await using small = await trainHead(examples, { epochs: 1, hidden: 5, dimension: 9, heldOut: 0.4 });
    const file = await small.save();
    await using loaded = await Head.load(file);
    expect(loaded.apply(a)).toEqual(small.apply(a));
    expect(loaded.report).toEqual(small.report);
    expect(loaded.rule).toEqual(small.rule);
    expect([loaded.base, loaded.dimension]).toEqual(['base', 9]);

    const json = JSON.parse(await file.text());
    const changed = (change: object) => codeOf(Head.load(new Blob([JSON.stringify({ ...json, ...change })])));
    expect(await codeOf(Head.load(new Blob(['no JSON'])))).toBe('head-invalid');
    expect(await changed({ format: 'facenet-gallery' })).toBe('head-invalid');
    expect(await changed({ version: 2 })).toBe('head-version');
    expect(await changed({ outputs: 10 })).toBe('head-invalid');
    expect(await changed({ numbers: json.numbers.map((value: number) => value + 1) })).toBe('head-invalid');
    expect(await changed({ calibration: { logOdds: [1] } })).toBe('head-invalid');
    expect(await codeOf(Head.load(json as never))).toBe('option-invalid');
  });

  test('cannot be used after dispose', async () => {
    const disposable = await Head.load(await head.save());
    disposable.dispose();
    disposable.dispose();
    const disposed = expect.objectContaining({ code: 'disposed' });
    expect(() => disposable.apply(a)).toThrow(disposed);
    expect(() => disposable.rule).toThrow(disposed);
    await expect(disposable.save()).rejects.toThrow(disposed);
  });

  test('is trained from a gallery, also one with a template key', async () => {
    const calibration = { logOdds: [5, -8] as [number, number], thresholds: [{ far: 0.1, distance: 0.5 }] };
    const rule = { model: 'base', dimension: 24, metric: 'euclidean' as const, calibration };
    const faces = noisyPeople(6, 3);
    const models: string[] = [];
    for (const templateKey of [undefined, new Uint8Array(32).fill(7)]) {
      await using gallery = await Gallery.open({
        name: `heads ${models.length}`,
        facenet: { rule },
        storage: 'memory',
        ...(templateKey && { templateKey }),
      });
      const ids = new Map<unknown, string>();
      for (const face of faces) {
        const id = ids.get(face.person);
        const enrolled = await gallery.enrol(id ? { id } : { name: String(face.person) }, face, {
          allow: ['other-person', 'not-this-person'],
          far: 0.1,
        });
        if (enrolled.enrolled) ids.set(face.person, enrolled.person.id);
      }
      const learned = await gallery.examples();
      expect(learned).toHaveLength(faces.length);
      learned.forEach(({ embedding }, i) => {
        expect(
          faces.some((face) => face.embedding.every((value, j) => Math.abs(value - (embedding[j] as number)) < 1e-5)),
          `${i}`,
        ).toBe(true);
      });
      await using fromGallery = await trainHead(gallery, { epochs: 2 });
      models.push(fromGallery.base);
    }
    expect(models).toEqual(['base', 'base']);
  });
});
