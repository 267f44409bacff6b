import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, test } from '../support/library.ts';

test('no tensor is held over 50 runs on our own kernels, nor after them', async ({ page }) => {
  for (const detector of ['mediapipe-blazeface-full', 'blazeface-full']) {
    const before = await heldTensors(page);
    await page.evaluate(async (detector) => {
      const facenet = await library.FaceNet.load({ models: '/models/', detector });
      const bitmap = await createImageBitmap(await photo('/photos/sample5.jpg'));
      const small = new OffscreenCanvas(480, 350);
      (small.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(bitmap, 0, 0, 480, 350);
      Object.assign(globalThis, { facenet, small });
    }, detector);
    const loaded = await heldTensors(page);
    expect(loaded).toBe(0);
    for (let i = 0; i < 50; i++) {
      const faces = await page.evaluate(async () => {
        const { facenet, small } = globalThis as unknown as {
          facenet: import('../../lib/index.ts').FaceNet;
          small: OffscreenCanvas;
        };
        return (await facenet.embed(small, { thorough: false })).length;
      });
      expect(faces).toBeGreaterThan(0);
      expect(await heldTensors(page)).toBe(loaded);
    }
    await page.evaluate(async () => {
      const { facenet } = globalThis as unknown as { facenet: import('../../lib/index.ts').FaceNet };
      await facenet.dispose();
      await facenet.dispose();
    });
    await expect.poll(() => heldTensors(page)).toBe(before);
  }
});

test('after dispose every method says so, and a call under way still ends', async ({ page }) => {
  const codes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const blob = await photo('/photos/sample1.jpg');
    const underWay = facenet.embed(blob);
    const disposing = facenet.dispose();
    const [face] = await underWay;
    await disposing;
    if (!face) throw new Error('there was no face to embed');
    const codeOf = async (call: () => unknown) => {
      try {
        await call();
        return 'no error';
      } catch (error) {
        return error instanceof library.FaceNetError ? error.code : String(error);
      }
    };
    return Promise.all(
      [
        () => facenet.detect(blob),
        () => facenet.landmarks(blob, face),
        () => facenet.align(blob, face),
        () => facenet.embed(blob),
        () => facenet.compare(face, face),
        () => facenet.backend,
        () => facenet.models,
      ].map(codeOf),
    );
  });
  expect(codes).toEqual(Array(7).fill('disposed'));
});

test('await using disposes one FaceNet, with its tensors, and leaves the other', async ({ page }) => {
  const before = await heldTensors(page);
  const result = await page.evaluate(async () => {
    const picture = await smallPhoto();
    const upright = { thorough: false };
    const wasm = await library.FaceNet.load({ models: '/models/', preset: 'fast', backend: 'wasm' });
    const webgl = await library.FaceNet.load({ models: '/models/', preset: 'fast', backend: 'webgl' });
    const [a, b] = await Promise.all([wasm.embed(picture, upright), webgl.embed(picture, upright)]);
    const distances = a.map((face, i) => wasm.compare(face, b[i] ?? face).distance);
    await wasm[Symbol.asyncDispose]();
    const still = await webgl.embed(picture, upright);
    await webgl[Symbol.asyncDispose]();
    return { distances, still: still.length };
  });
  expect(result.distances).toHaveLength(3);
  expect(Math.max(...result.distances)).toBeLessThan(0.01);
  expect(result.still).toBe(3);
  await expect.poll(() => heldTensors(page)).toBe(before);
});
