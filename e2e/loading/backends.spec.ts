import { launchChromium } from '../../scripts/kit/browser.ts';
import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { tryOut } from '../support/try-out.ts';

test('loads of WebAssembly and WebGL at once give the same embedding, and are disposed of one by one', async ({
  page,
}) => {
  // Emulated graphics are slow.
  test.slow();
  const result = await page.evaluate(async () => {
    const backends = ['wasm', 'webgl', 'wasm', 'auto'] as const;
    const loads = backends.map((backend) => library.FaceNet.load({ models: '/models/', preset: 'fast', backend }));
    const facenets = await Promise.all(loads);
    const names = facenets.map(({ backend }) => backend.name);
    // Pixels need no decoding, so that only the networks separate these calls.
    const still = await facePhoto();
    const found = await Promise.all(facenets.map((facenet) => facenet.embed(still, quick)));
    const [[wasm], [webgl]] = found as [(typeof found)[0], (typeof found)[0]];
    const [first, second, ...others] = facenets as [(typeof facenets)[0], (typeof facenets)[0]];
    const { distance } = first.compare(wasm as NonNullable<typeof wasm>, webgl as NonNullable<typeof webgl>);
    await first[Symbol.asyncDispose]();
    const after = await second.embed(still, quick);
    for (const facenet of [second, ...others]) await facenet.dispose();
    return { names, faces: [...found, after].map(({ length }) => length), distance };
  });
  expect(result.names).toEqual(['wasm', 'webgl', 'wasm', 'wasm']);
  expect(result.faces).toEqual(Array(5).fill(1));
  // Embeddings of two people are further apart than 0.37 in 999 of 1,000 pairs.
  expect(result.distance).toBeLessThan(0.01);
  await expect.poll(() => heldTensors(page)).toBe(0);
});

test('auto selects a backend whose answers are right, and states why', async ({ sharedPage }) => {
  const { backend } = await tryOut(sharedPage);
  expect(backend?.name).toBe('wasm');
  expect(backend?.reason).toContain('correctly');
  // Here WebGPU is missing, and WebGL is emulated, which is slower than WebAssembly.
  expect(backend?.rejected.map(({ name }) => name)).toEqual(['webgpu', 'webgl']);
});

test('rejects a backend that fails the self-check', async ({ page }) => {
  await page.route('**/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    for (const model of manifest.models) {
      if (model.name === 'dlib-resnet-34') model.selfCheck[0].values[0] += 1;
    }
    await route.fulfill({ json: manifest });
  });
  const message = expect.stringContaining('dlib-resnet-34 failed its self-check');
  expect(await tryOut(page)).toEqual({ code: 'backend-unavailable', message });
});

test('replaces the MediaPipe detector on a browser without WebGL', { tag: '@page' }, async ({ server, inWorker }) => {
  const browser = await launchChromium(['--disable-gpu', '--disable-software-rasterizer', '--disable-webgl']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, server, inWorker);
    const { faces, models, backend } = await tryOut(page, { detector: 'mediapipe-blazeface-full' });
    expect(models?.detector).toBe('blazeface-full');
    expect(backend?.name).toBe('wasm');
    expect(faces).toBe(1);
    expect((await tryOut(page, { backend: 'webgl' })).code).toBe('backend-unavailable');
  } finally {
    await browser.close();
  }
});
