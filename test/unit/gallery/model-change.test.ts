import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { type ErasureReceipt, receiptDigest } from '../../../lib/gallery/receipt.ts';
import type { CropEmbedder } from '../../../lib/gallery/types.ts';
import { trainHead } from '../../../lib/training/head/train-head.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';
import { sidewaysWebp, stubChromiumImages } from '../../support/webp.ts';

const newer = { ...rule, model: 'newer', dimension: 64 };

/** A crop file of one byte, which {@link embedder} uses as the seed of the embedding. 0 shows no face. */
const crop = (seed: number) => new Blob([new Uint8Array([seed])], { type: 'image/png' });

/** Replaces a network: a crop's first byte determines its embedding. */
const embedder: CropEmbedder = {
  rule: newer,
  async embed(source) {
    const { seed } = source as unknown as { seed: number };
    return { embedding: new Synthetic(seed).person(64), model: 'newer', landmarks: { presence: Math.min(1, seed) } };
  },
};
/** What {@link embedder} makes of a crop. */
const made = (seed: number) => ({ embedding: new Synthetic(seed).person(64), model: 'newer' });

const open = (facenet: { rule: typeof rule } = { rule }) => Gallery.open({ name: 'test', storage: 'memory', facenet });

/** A gallery of four faces: Ada's shows a face, Bob has no crop, Cleo's crop shows no face, Dan's is no picture. */
async function galleryOfFour(): Promise<Gallery> {
  const gallery = await open();
  const synthetic = new Synthetic();
  const crops: [string, Blob?][] = [['Ada', crop(7)], ['Bob'], ['Cleo', crop(0)], ['Dan', new Blob(['no picture'])]];
  for (const [name, picture] of crops) {
    const face = { embedding: synthetic.person(), model: rule.model };
    await gallery.enrol({ name }, face, picture && { crop: picture });
  }
  return gallery;
}

/** The records of a gallery, except its rule. */
const records = async (gallery: Gallery) => JSON.parse(await (await gallery.export()).text());

beforeEach(() => {
  // Node has no image decoder.
  vi.stubGlobal('createImageBitmap', async (file: Blob) => {
    if (file.size !== 1) throw new DOMException('not a picture', 'InvalidStateError');
    return { seed: (await file.bytes())[0], width: 150, height: 150, close() {} };
  });
  return () => vi.unstubAllGlobals();
});

describe('a gallery with enrolled faces of another model', () => {
  test('counts the enrolled faces and crops of each model', async () => {
    const gallery = await galleryOfFour();
    expect(await gallery.models()).toEqual([{ model: rule.model, current: true, faces: 4, crops: 3 }]);
    await gallery.reembed(embedder);
    expect(await gallery.models()).toEqual([
      { model: 'newer', current: true, faces: 1, crops: 1 },
      { model: rule.model, current: false, faces: 3, crops: 2 },
    ]);
    expect(await (await open()).models()).toEqual([]);
  });

  test('throws model-mismatch with the counts when a face of the new model is identified, verified or enrolled', async () => {
    const gallery = await galleryOfFour();
    const [ada] = await gallery.list();
    for (const call of [
      gallery.identify(made(7)),
      gallery.verify(ada?.id as string, made(7)),
      gallery.enrol({ name: 'Eve' }, made(8)),
    ]) {
      await expect(call).rejects.toMatchObject({
        code: 'model-mismatch',
        message:
          '4 of 4 enrolled faces (3 with a stored crop) are of "dlib-resnet-34", not of "newer": call reembed(facenet), with { removeRest: true } to remove the enrolled faces that cannot be embedded again, or use FaceNet.load({ embedder: "dlib-resnet-34" }).',
      });
    }
  });

  test('states the remaining faces after a part was embedded again', async () => {
    const gallery = await galleryOfFour();
    await gallery.reembed(embedder);
    const message =
      '3 of 4 enrolled faces (2 with a stored crop) are of "dlib-resnet-34", not of "newer": call reembed(facenet), with { removeRest: true } to remove the enrolled faces that cannot be embedded again.';
    await expect(gallery.identify(made(7))).rejects.toMatchObject({ code: 'model-mismatch', message });
    await expect(gallery.identify(made(7).embedding)).rejects.toMatchObject({ code: 'model-mismatch', message });
  });

  test('gives no examples of the other model', async () => {
    const exported = await (await galleryOfFour()).export();
    await using gallery = await open({ rule: newer });
    await gallery.import(exported);
    expect(await errorCodeOf(trainHead(gallery))).toBe('model-mismatch');
    await gallery.reembed(embedder);
    const [ada] = await gallery.list();
    const { embedding, model } = made(7);
    expect(await gallery.examples()).toEqual([{ person: ada?.id, face: ada?.faces[0]?.id, model, embedding }]);
  });
});

describe('reembed()', () => {
  test('embeds the faces in stored crops and returns the faces that it cannot embed', async () => {
    const gallery = await galleryOfFour();
    const [, bob, cleo, dan] = (await gallery.list()).map(({ id, faces: [face] }) => ({
      person: id,
      face: face?.id,
    }));
    const rest = { withoutCrop: [bob], withoutFace: [cleo, dan] };
    expect(await gallery.reembed(embedder)).toEqual({ embedded: 1, ...rest, receipt: undefined });
    const { receipt, ...removed } = await gallery.reembed(embedder, { removeRest: true });
    expect(removed).toEqual({ embedded: 0, ...rest });
    expect(receipt).toMatchObject({ reason: 'removed', people: [], faces: [bob, cleo, dan].map((each) => each?.face) });
    expect(receipt?.digest).toBe(await receiptDigest(receipt as ErasureReceipt));
    expect((await gallery.identify(made(7))).match?.person.name).toBe('Ada');
    expect((await gallery.list()).map(({ name, faces }) => [name, faces.length])).toEqual([
      ['Ada', 1],
      ['Bob', 0],
      ['Cleo', 0],
      ['Dan', 0],
    ]);
  });

  test('tries a crop again that cannot be decoded, before its face counts as one without a face', async () => {
    const gallery = await galleryOfFour();
    const decode = createImageBitmap as (file: Blob) => Promise<ImageBitmap>;
    const attempts = new Map<number, number>();
    vi.stubGlobal('createImageBitmap', async (file: Blob) => {
      attempts.set(file.size, (attempts.get(file.size) ?? 0) + 1);
      if (attempts.get(file.size) === 1) throw new DOMException('Out of memory.', 'InvalidStateError');
      return decode(file);
    });
    expect(await gallery.reembed(embedder)).toMatchObject({ embedded: 1 });
  });

  test('removes a face whose crop cannot be decoded only if an earlier call could not decode it either', async () => {
    const gallery = await galleryOfFour();
    const [, bob, cleo, dan] = (await gallery.list()).map(({ faces: [face] }) => face?.id);
    const decode = createImageBitmap as (file: Blob) => Promise<ImageBitmap>;
    const decoder = vi.fn().mockRejectedValue(new DOMException('Out of memory.', 'InvalidStateError'));
    vi.stubGlobal('createImageBitmap', decoder);
    expect((await gallery.reembed(embedder, { removeRest: true })).receipt?.faces).toEqual([bob]);
    decoder.mockImplementation(decode);
    const { embedded, receipt } = await gallery.reembed(embedder, { removeRest: true });
    expect(embedded).toBe(1);
    expect(receipt?.faces).toEqual([cleo, dan]);
  });

  test('passes a box inside the crop', async () => {
    const gallery = await galleryOfFour();
    const boxes: { x: number; y: number; width: number; height: number }[] = [];
    await gallery.reembed({
      rule: newer,
      embed: (source, face) => {
        boxes.push(face.box);
        return embedder.embed(source, face);
      },
    });
    expect(boxes).toHaveLength(2);
    for (const { x, y, width, height } of boxes) {
      expect(Math.min(x, y, 150 - x - width, 150 - y - height)).toBeGreaterThanOrEqual(0);
      expect(Math.min(width, height)).toBeGreaterThan(75);
    }
  });

  test('leaves the gallery unchanged if the embedder throws or the call is aborted', async () => {
    const gallery = await galleryOfFour();
    const synthetic = new Synthetic(3);
    await gallery.enrol({ name: 'Eve' }, { embedding: synthetic.person(), model: rule.model }, { crop: crop(9) });
    const before = await records(gallery);
    let calls = 0;
    const failing = (fail: () => void): CropEmbedder => ({
      rule: newer,
      embed: async (source, face) => {
        if (++calls % 3 === 0) fail();
        return embedder.embed(source, face);
      },
    });
    const broken = failing(() => {
      throw new Error('the network failed');
    });
    await expect(gallery.reembed(broken, { removeRest: true })).rejects.toThrow('the network failed');
    expect(await records(gallery)).toEqual(before);

    const controller = new AbortController();
    const aborting = failing(() => controller.abort('why'));
    await expect(gallery.reembed(aborting, { removeRest: true, signal: controller.signal })).rejects.toBe('why');
    expect(calls).toBe(6);
    // list() does not wait for changes; another change does.
    await gallery.rename((await gallery.list())[0]?.id as string, 'Ada');
    expect(await records(gallery)).toEqual(before);
    expect(await gallery.models()).toEqual([{ model: rule.model, current: true, faces: 5, crops: 4 }]);
  });
});

describe('import()', () => {
  test('accepts an export of another model unless the gallery has faces of its own model', async () => {
    const exported = await (await galleryOfFour()).export();
    await using gallery = await open({ rule: newer });
    expect(await gallery.import(exported)).toEqual({ people: 4, faces: 4 });
    expect(await gallery.models()).toEqual([{ model: rule.model, current: false, faces: 4, crops: 3 }]);
    expect(await errorCodeOf(gallery.identify(made(7)))).toBe('model-mismatch');
    await gallery.reembed(embedder);
    await gallery.reembed(embedder, { removeRest: true });
    expect((await gallery.identify(made(7))).match?.person.name).toBe('Ada');

    await expect(gallery.import(exported)).rejects.toMatchObject({
      code: 'model-mismatch',
      message:
        'In the export, 4 of 4 enrolled faces (3 with a stored crop) are of "dlib-resnet-34", and this gallery compares embeddings of "newer": import it into an empty gallery, call reembed(facenet) there, and import an export of that gallery here.',
    });
    expect(await gallery.list()).toHaveLength(4);
  });

  test('rejects embeddings whose length is not that of their model', async () => {
    const file = JSON.parse(await (await (await galleryOfFour()).export()).text());
    file.records.at(-1).template.embedding = btoa('four');
    for (const each of [rule, newer]) {
      await using gallery = await open({ rule: each });
      await expect(gallery.import(new Blob([JSON.stringify(file)]))).rejects.toMatchObject({
        code: 'model-mismatch',
        message: expect.stringContaining('1 elements instead of 128'),
      });
      expect(await gallery.list()).toEqual([]);
    }
  });

  describe('of a model that neither rule names', () => {
    /** An export of two faces of the model "third", whose embeddings have these numbers of elements. */
    async function exportOf(...lengths: [number, number]): Promise<Blob> {
      await using gallery = await open();
      const synthetic = new Synthetic();
      for (const name of ['Ada', 'Bob'])
        await gallery.enrol({ name }, { embedding: synthetic.person(), model: rule.model });
      const file = JSON.parse(await (await gallery.export()).text());
      for (const [i, length] of lengths.entries()) {
        const { template } = file.records.filter(({ template }: { template?: object }) => template)[i];
        const embedding = new Uint8Array(Float32Array.from({ length }, (_, at) => Number(at === 0)).buffer);
        Object.assign(template, { model: 'third', embedding: Buffer.from(embedding).toString('base64') });
      }
      return new Blob([JSON.stringify(file)]);
    }

    test('accepts embeddings of one length, also in a second import', async () => {
      await using gallery = await open({ rule: newer });
      for (let i = 0; i < 2; i++) {
        expect(await gallery.import(await exportOf(32, 32))).toEqual({ people: 2, faces: 2 });
      }
      expect(await gallery.models()).toMatchObject([{ model: 'third', current: false, faces: 4 }]);
    });

    test('rejects embeddings of two lengths', async () => {
      await using gallery = await open({ rule: newer });
      await expect(gallery.import(await exportOf(32, 33))).rejects.toMatchObject({
        code: 'model-mismatch',
        message: expect.stringContaining('"third" has 33 elements instead of 32'),
      });
      expect(await gallery.list()).toEqual([]);
    });

    test('rejects embeddings of another length than those in the gallery', async () => {
      await using gallery = await open({ rule: newer });
      await gallery.import(await exportOf(32, 32));
      expect(await errorCodeOf(gallery.import(await exportOf(33, 33)))).toBe('model-mismatch');
      expect(await gallery.list()).toHaveLength(2);
    });

    test('rejects embeddings of more than 2^16 elements', async () => {
      await using gallery = await open({ rule: newer });
      const length = 2 ** 16;
      expect(await errorCodeOf(gallery.import(await exportOf(length + 1, length + 1)))).toBe('option-invalid');
      expect(await gallery.import(await exportOf(length, length))).toEqual({ people: 2, faces: 2 });
    });
  });
});

describe('an enrolled face with another number of elements than the others of its model', () => {
  const longer = { ...newer, dimension: 128 };
  const longerEmbedder: CropEmbedder = {
    rule: longer,
    embed: async () => ({ embedding: new Synthetic(9).person(), model: 'newer', landmarks: { presence: 1 } }),
  };

  test('is embedded again, or stays as one of another model', async () => {
    await using gallery = await open({ rule: newer });
    await gallery.enrol({ name: 'Ada' }, made(7), { crop: crop(7) });
    await gallery.enrol({ name: 'Bob' }, made(8));
    expect(await gallery.reembed(longerEmbedder)).toMatchObject({ embedded: 1, withoutCrop: [{}], withoutFace: [] });
    expect(await gallery.models()).toEqual([
      { model: 'newer', current: true, faces: 1, crops: 1 },
      { model: 'newer', current: false, faces: 1, crops: 0 },
    ]);
    const { embedding } = await longerEmbedder.embed(undefined as never, undefined as never);
    await expect(gallery.identify(embedding)).rejects.toMatchObject({
      code: 'model-mismatch',
      message: expect.stringMatching(
        /^1 of 2 .* "newer" with another number of elements, not of "newer": call reembed\(.* again\.$/,
      ),
    });
    expect(await gallery.examples()).toHaveLength(1);
    await gallery.reembed(longerEmbedder, { removeRest: true });
    expect((await gallery.identify(embedding)).match?.person.name).toBe('Ada');
    expect(await gallery.models()).toHaveLength(1);
  });

  test('is refused in an export with the person to correct, as imports refuse it', async () => {
    await using gallery = await open({ rule: newer });
    await gallery.enrol({ name: 'Ada' }, made(7), { crop: crop(7) });
    await gallery.enrol({ name: 'Bob' }, made(8));
    await gallery.reembed(longerEmbedder);
    await expect(gallery.export()).rejects.toMatchObject({
      code: 'gallery-corrupt',
      message: expect.stringMatching(
        /"Bob".*has 64 elements instead of 128: .*\. To correct it, remove the enrolled face/,
      ),
    });
  });
});

test('a crop in a WebP file with an EXIF orientation is turned before its face is embedded again', async () => {
  stubChromiumImages();
  const gallery = await open();
  await gallery.enrol(
    { name: 'Ada' },
    { embedding: new Synthetic().person(), model: rule.model },
    { crop: sidewaysWebp() },
  );
  const sizes: unknown[] = [];
  await gallery.reembed({
    rule: newer,
    async embed(source) {
      const { width, height } = source as ImageBitmap;
      sizes.push([width, height]);
      return { embedding: new Synthetic(7).person(64), model: 'newer', landmarks: { presence: 1 } };
    },
  });
  expect(sizes).toEqual([[300, 400]]);
});
