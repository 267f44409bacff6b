import { launchChromium } from '../../scripts/kit/browser.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';
import { tryOut } from '../support/try-out.ts';

test('auto selects the kernels, which compute correct embeddings, and states the reason', async ({ sharedPage }) => {
  const { backend } = await tryOut(sharedPage);
  expect(backend?.name).toBe('wasm');
  expect(backend?.reason).toContain('correctly');
  expect(backend?.rejected).toEqual([]);
});

test('fastest answers from the kernels, and keeps them where graphics are emulated', async ({ page }) => {
  await loadFast(page, { backend: 'fastest' });
  const { first, backend, faces } = await page.evaluate(async () => {
    const first = facenet.backend;
    while (!facenet.backend.measured) await new Promise((resolve) => setTimeout(resolve, 50));
    const { backend } = facenet;
    const { length: faces } = await facenet.embed(still, { thorough: false });
    await facenet.dispose();
    return { first, backend, faces };
  });
  expect(first.name).toBe('wasm');
  expect(backend.name).toBe('wasm');
  expect(backend.measured).toEqual([{ name: 'wasm', milliseconds: expect.any(Number) }]);
  // Here WebGPU is missing, and WebGL is emulated.
  expect(backend.rejected.map(({ name }) => name)).toEqual(['webgpu', 'webgl']);
  expect(faces).toBe(1);
});

test('rejects a backend that fails the self-check', async ({ page }) => {
  await page.route('**/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    for (const model of manifest.models) {
      if (model.name === 'mobilefacenet') model.selfCheck[0].values[0] += 1;
    }
    await route.fulfill({ json: manifest });
  });
  const message = expect.stringContaining('mobilefacenet failed its self-check');
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
