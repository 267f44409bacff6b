import { afterEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { CropEmbedder } from '../../../lib/gallery/types.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

afterEach(() => vi.unstubAllGlobals());

const open = () => Gallery.open({ name: 'x', storage: 'memory', facenet: { rule } });

// What one of these calls stored, the next opening or import would refuse as damaged.
describe('a change that records cannot hold is refused, and changes nothing:', () => {
  test.each([5, -0.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null])('a quality of %j', async (overall) => {
    await using gallery = await open();
    const face = { embedding: new Synthetic().person(), model: rule.model, quality: { overall: overall as number } };
    expect(await errorCodeOf(gallery.enrol({ name: 'Ada' }, face, { allow: ['low-quality'] }))).toBe('option-invalid');
    expect(await gallery.list()).toEqual([]);
  });

  test('metadata that are too long once two people are merged', async () => {
    await using gallery = await open();
    const synthetic = new Synthetic();
    const ids: string[] = [];
    for (const name of ['Ada', 'Bob']) {
      const metadata = { [name]: 'x'.repeat(600_000) };
      const enrolment = await gallery.enrol({ name, metadata }, { embedding: synthetic.person(), model: rule.model });
      if (enrolment.enrolled) ids.push(enrolment.person.id);
    }
    const [ada = '', bob = ''] = ids;
    expect(await errorCodeOf(gallery.merge(ada, bob))).toBe('option-invalid');
    expect((await gallery.list()).map(({ name }) => name)).toEqual(['Ada', 'Bob']);
  });

  test('an embedding of another model that does not have the length 1', async () => {
    // Node has no image decoder.
    vi.stubGlobal('createImageBitmap', async () => ({ width: 150, height: 150, close() {} }));
    await using gallery = await open();
    const crop = new Blob([Uint8Array.of(1)], { type: 'image/png' });
    await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model }, { crop });
    const embedder: CropEmbedder = {
      rule: { ...rule, model: 'newer', dimension: 64 },
      embed: async () => ({
        embedding: new Synthetic().person(64).map((value) => 2 * value),
        model: 'newer',
        landmarks: { presence: 1 },
      }),
    };
    expect(await errorCodeOf(gallery.reembed(embedder))).toBe('option-invalid');
    expect(await gallery.models()).toMatchObject([{ model: rule.model, faces: 1 }]);
  });
});
