import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, test } from '../support/library.ts';
import { isLong } from '../support/sampling.ts';

/** The number of concurrent calls. */
const count = isLong ? 200 : 50;

test('returns the same results for concurrent calls as for single calls', async ({ sharedPage: page }) => {
  const { answers, maxDistance, width } = await page.evaluate(async (count) => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const still = await facePhoto();
    const bitmap = await createImageBitmap(still);
    const canvas = new OffscreenCanvas(192, 192);
    canvas.getContext('2d')?.putImageData(still, 0, 0);
    const sources = [still, bitmap, canvas];
    const [found] = await facenet.detect(still, quick);
    const face = found as NonNullable<typeof found>;
    const embedded = await Promise.all(
      Array.from({ length: count }, (_, i) => facenet.embed(sources[i % 3] as ImageBitmap, face)),
    );
    const distances = embedded.map((one) => facenet.compare(one, embedded[0] as typeof one).distance);
    await facenet.dispose();
    return { answers: embedded.length, maxDistance: Math.max(...distances), width: bitmap.width };
  }, count);
  expect({ answers, width }).toEqual({ answers: count, width: 192 });
  expect(maxDistance).toBeLessThan(1e-3);
});

for (const worker of [true, false]) {
  test(`two copies of the library return the same embeddings ${worker ? 'in workers' : 'on the page'}`, async ({
    page,
  }) => {
    const faces = await page.evaluate(async (worker) => {
      const second = (await import('/second/facenet-web.js' as string)) as typeof library;
      if (second.FaceNet === library.FaceNet) throw new Error('both imports are the same copy');
      // Without SIMD the networks run on TensorFlow.js, which keeps its state in globals.
      if (!worker) WebAssembly.validate = () => false;
      const loads = [library, second].map(({ FaceNet }) =>
        FaceNet.load({ models: '/models/', worker, preset: 'fast' }),
      );
      const facenets = await Promise.all(loads);
      const { facenetTensorFlow = {} } = globalThis as { facenetTensorFlow?: Record<string, { _tfengine?: object }> };
      const engines = Object.values(facenetTensorFlow).filter(({ _tfengine }) => _tfengine);
      if (!worker && engines.length !== 2) throw new Error('the copies share one TensorFlow.js');
      const still = await facePhoto();
      const embedded = await Promise.all(facenets.map((facenet) => facenet.embed(still, quick)));
      const [[ours], [theirs]] = embedded as [(typeof embedded)[0], (typeof embedded)[0]];
      const { distance } = facenets[1]?.compare(ours as never, theirs as never) ?? { distance: Number.NaN };
      if (!(distance < 1e-3)) throw new Error(`the embeddings of the copies differ by ${distance}`);
      await Promise.all(facenets.map((facenet) => facenet.dispose()));
      return embedded.map(({ length }) => length);
    }, worker);
    expect(faces).toEqual([1, 1]);
    await expect.poll(() => heldTensors(page)).toBe(0);
  });
}

test('two copies of the library share one gallery and the name of the element', async ({ page }) => {
  const name = await page.evaluate(async () => {
    const [first, second] = (await Promise.all(
      ['/dist', '/second'].map(async (copy) => {
        await import(`${copy}/element.js`);
        return import(`${copy}/gallery.js`);
      }),
    )) as [typeof import('../../lib/gallery/index.ts'), typeof import('../../lib/gallery/index.ts')];
    if (first.Gallery === second.Gallery) throw new Error('both imports are the same copy');
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const [found] = await facenet.embed(await facePhoto(), quick);
    const face = found as NonNullable<typeof found>;
    const ours = await first.Gallery.open({ name: 'shared', facenet });
    const theirs = await second.Gallery.open({ name: 'shared', facenet });
    await ours.enrol({ name: 'Ada' }, face);
    const { match } = await theirs.identify(face);
    await theirs.rename(match?.person.id ?? '', 'Ada Lovelace');
    const [person] = await ours.list();
    await theirs.close();
    await ours.erase();
    await facenet.dispose();
    return person?.name;
  });
  expect(name).toBe('Ada Lovelace');
});
