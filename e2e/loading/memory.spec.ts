import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';
import { isLong } from '../support/sampling.ts';

for (const detector of ['mediapipe-blazeface-full', 'blazeface-full']) {
  test(`holds no TensorFlow.js tensor with ${detector}, during repeated calls and after them`, {
    tag: '@page',
  }, async ({ page }) => {
    const before = await heldTensors(page);
    await loadFast(page, { detector });
    expect(await heldTensors(page)).toBe(0);
    for (let i = 0; i < (isLong ? 50 : 5); i++) {
      expect(await page.evaluate(async () => (await facenet.embed(still, quick)).length)).toBe(1);
      expect(await heldTensors(page)).toBe(0);
    }
    await page.evaluate(async () => {
      await facenet.dispose();
      await facenet.dispose();
    });
    await expect.poll(() => heldTensors(page)).toBe(before);
  });
}

test('dispose() lets the pending call end, and every method rejects with disposed afterwards', {
  tag: '@page',
}, async ({ sharedPage: page }) => {
  const codes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const still = await facePhoto();
    const pending = facenet.embed(still, quick);
    const disposing = facenet.dispose();
    const [face] = await pending;
    await disposing;
    if (!face) throw new Error('there was no face to embed');
    const calls = [
      () => facenet.detect(still),
      () => facenet.landmarks(still, face),
      () => facenet.align(still, face),
      () => facenet.embed(still),
      () => facenet.compare(face, face),
      () => facenet.backend,
      () => facenet.models,
    ];
    return Promise.all(calls.map(codeOf));
  });
  expect(codes).toEqual(Array(7).fill('disposed'));
});
