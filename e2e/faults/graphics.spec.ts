import type { Page } from 'playwright/test';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { heldTensors } from '../../scripts/kit/memory.ts';
import { startCamera } from '../support/camera.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

declare global {
  var loseGraphics: () => Promise<void>;
}

// Emulated graphics are slow.
test.beforeEach(() => test.slow());

/** Runs where the networks run: loses the WebGL context or the WebGPU device of TensorFlow.js. */
function loseDevice(): void {
  interface Registry {
    webgl?: { gpgpu: { gl: WebGL2RenderingContext } };
    webgpu?: { device: GPUDevice };
  }
  const { facenetTensorFlow } = globalThis as unknown as {
    facenetTensorFlow: Record<string, { _tfengine?: { registry: Registry } }>;
  };
  for (const { _tfengine } of Object.values(facenetTensorFlow)) {
    const { webgl, webgpu } = _tfengine?.registry ?? {};
    webgl?.gpgpu.gl.getExtension('WEBGL_lose_context')?.loseContext();
    webgpu?.device.destroy();
  }
}

/** Lets the page call `loseGraphics()`. */
async function exposeLoss(page: Page): Promise<void> {
  await page.exposeFunction('loseGraphics', async () => {
    await page.workers()[0]?.evaluate(loseDevice);
  });
}

test('moves to WebAssembly when the WebGL context is lost, answers the pending call and continues to watch', async ({
  page,
}) => {
  await loadFast(page, { backend: 'webgl' });
  await startCamera(page);
  await exposeLoss(page);
  const { first, backend, ids, execution, distance } = await page.evaluate(async () => {
    const first = facenet.backend.name;
    const ids = new Set<number>();
    let lost: Promise<void> | undefined;
    let embedding: ReturnType<typeof facenet.embed> | undefined;
    for await (const { faces } of facenet.watch(camera.video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!lost && faces[0]?.trackEmbedding) {
        embedding = facenet.embed(still, quick);
        lost = loseGraphics();
      }
      if (facenet.backend.name !== first && faces.length > 0) break;
    }
    await lost;
    camera.unplug();
    const [during] = (await embedding) ?? [];
    const [after] = await facenet.embed(still, quick);
    const { distance } = facenet.compare(during as NonNullable<typeof during>, after as NonNullable<typeof after>);
    const { backend, execution } = facenet;
    await facenet.dispose();
    return { first, backend, execution: execution.name, ids: [...ids], distance };
  });
  expect({ first, execution, ids }).toEqual({ first: 'webgl', execution: 'worker', ids: [0] });
  expect(distance).toBeLessThan(0.01);
  expect(backend.name).toBe('wasm');
  expect(backend.rejected).toContainEqual({ name: 'webgl', reason: 'its WebGL context was lost' });
});

test('holds no tensor after a WebGL context is lost on the page, and loads WebGL again beside WebAssembly', {
  // Emulated WebGL takes a minute.
  tag: '@long',
}, async ({ page }) => {
  await loadFast(page, { backend: 'webgl', worker: false });
  const backend = await page.evaluate(async (lose) => {
    const crop = new ImageData(150, 150);
    const calls = [facenet.embedCrop(crop), facenet.embed(still, quick), facenet.embedCrop(crop)];
    setTimeout(() => new Function(`(${lose})()`)(), 50);
    await Promise.all(calls);
    const { name } = facenet.backend;
    await facenet.dispose();
    return name;
  }, loseDevice.toString());
  expect(backend).toBe('wasm');
  await expect.poll(() => heldTensors(page)).toBe(0);

  const again = await page.evaluate(async () => {
    const backends = ['wasm', 'webgl', 'auto'] as const;
    const options = { models: '/models/', preset: 'fast', worker: false };
    const facenets = await Promise.all(backends.map((backend) => library.FaceNet.load({ ...options, backend })));
    const names = facenets.map(({ backend }) => backend.name);
    const found = await Promise.all(facenets.map((facenet) => facenet.embed(still, quick)));
    const [[wasm], [webgl]] = found as [(typeof found)[0], (typeof found)[0]];
    const [first, second, third] = facenets as [typeof facenet, typeof facenet, typeof facenet];
    const { distance } = first.compare(wasm as NonNullable<typeof wasm>, webgl as NonNullable<typeof webgl>);
    await first[Symbol.asyncDispose]();
    const after = await second.embed(still, quick);
    await second.dispose();
    await third.dispose();
    return { names, faces: [...found, after].map(({ length }) => length), distance };
  });
  expect(again.names).toEqual(['wasm', 'webgl', 'wasm']);
  expect(again.faces).toEqual(Array(4).fill(1));
  // 999 of 1,000 impostor pairs have a distance above 0.37.
  expect(again.distance).toBeLessThan(0.01);
  await expect.poll(() => heldTensors(page)).toBe(0);
});

test('moves to the next backend when the WebGPU device is lost, and answers the pending call', {
  // Emulated WebGPU takes minutes on a busy machine.
  tag: '@long',
}, async ({ server }) => {
  const browser = await launchChromium(['--enable-unsafe-webgpu']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, server);
    const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) !== null);
    test.skip(!adapter, 'Chromium has no WebGPU adapter on this machine');
    await loadFast(page, { backend: 'webgpu' });
    await exposeLoss(page);
    const { first, faces, rejected } = await page.evaluate(async () => {
      const first = facenet.backend.name;
      const [found] = await Promise.all([facenet.embed(still, quick), loseGraphics()]);
      const [again] = await facenet.embed(still, quick);
      const { rejected } = facenet.backend;
      await facenet.dispose();
      return { first, faces: [found.length, again?.embedding.length], rejected };
    });
    expect({ first, faces }).toEqual({ first: 'webgpu', faces: [1, 192] });
    const reason = expect.stringContaining('WebGPU device was lost');
    expect(rejected).toContainEqual({ name: 'webgpu', reason });
  } finally {
    await browser.close();
  }
});
