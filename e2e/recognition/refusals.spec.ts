import type { Page } from 'playwright/test';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { expect, openLibrary, test } from '../support/library.ts';

/** Opens a page on which something is not, before the library is loaded, as in a browser that does not have it. */
async function openWithout(page: Page, server: { url: string; close(): Promise<void> }, takeAway: () => void) {
  await page.addInitScript(takeAway);
  await openLibrary(page, server);
}

/** Loads, embeds and disposes: what came of it. */
function tryOut(page: Page, options: import('../../lib/index.ts').LoadOptions = {}) {
  return page.evaluate(async (options) => {
    try {
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
      const faces = await facenet.embed(await photo('/photos/sample1.jpg'), { thorough: false });
      const { execution, backend } = facenet;
      await facenet.dispose();
      return { faces: faces.length, execution: execution.name, reason: execution.reason, backend };
    } catch (error) {
      if (error instanceof library.FaceNetError) return { code: error.code, message: error.message };
      return { code: String(error) };
    }
  }, options);
}

test('without WebAssembly it is refused as backend-unavailable', async ({ page, server }) => {
  await openWithout(page, server, () => {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
  });
  expect(await tryOut(page, { worker: false })).toEqual({
    code: 'backend-unavailable',
    message: expect.stringContaining('Use a newer browser.'),
  });
});

test('without SIMD TensorFlow.js’s plain WebAssembly stands in', async ({ page, server }) => {
  const engines: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.wasm')) engines.push(pathname.split('/').at(-1) as string);
  });
  await openWithout(page, server, () => {
    const { validate } = WebAssembly;
    // Vector instructions are not known; all others are.
    WebAssembly.validate = (bytes) => !new Uint8Array(bytes as ArrayBuffer).includes(0xfd) && validate(bytes);
  });
  expect(await tryOut(page, { worker: false })).toMatchObject({
    faces: 3,
    execution: 'page',
    backend: { name: 'wasm' },
  });
  expect(engines).toEqual(['tfjs-backend-wasm.wasm']);
});

test('without Cache Storage the weights are downloaded each time', async ({ page, server }) => {
  const weights: string[] = [];
  page.on('request', (request) => /dlib-resnet-34.*\.bin/.test(request.url()) && weights.push(request.url()));
  await openWithout(page, server, () => {
    Reflect.deleteProperty(globalThis, 'caches');
  });
  for (const times of [1, 2]) {
    expect(await tryOut(page, { worker: false })).toMatchObject({ faces: 3 });
    expect(weights.length).toBe(times);
  }
});

test('without module workers the page does the work, and says why', async ({ page, server }) => {
  await openWithout(page, server, () => {
    const { Worker: Native } = globalThis;
    // A browser that does not know of module workers does not look at their type.
    globalThis.Worker = class extends Native {
      constructor(url: string | URL) {
        super(url);
      }
    };
  });
  expect(await tryOut(page)).toMatchObject({
    faces: 3,
    execution: 'page',
    reason: expect.stringContaining('no worker started'),
  });
});

test('a worker that is refused its lock does the work all the same', async ({ page, server }) => {
  await page.route('**/dist/worker.js', async (route) => {
    const response = await route.fetch();
    const refuse = "LockManager.prototype.request = async () => { throw new DOMException('No.', 'SecurityError'); };";
    await route.fulfill({ response, body: `${refuse}\n${await response.text()}` });
  });
  await openLibrary(page, server);
  const refused = page
    .waitForEvent('worker')
    .then((worker) =>
      worker.evaluate(() => navigator.locks.request('any', () => 'granted').catch(({ name }: DOMException) => name)),
    );
  expect(await tryOut(page)).toMatchObject({ faces: 3, execution: 'worker' });
  expect(await refused).toBe('SecurityError');
});

test('without OffscreenCanvas the page does the work, and says why', async ({ page, server }) => {
  await openWithout(page, server, () => {
    Reflect.deleteProperty(globalThis, 'OffscreenCanvas');
  });
  expect(await tryOut(page)).toMatchObject({
    faces: 3,
    execution: 'page',
    reason: expect.stringContaining('OffscreenCanvas'),
  });
});

test('without IndexedDB a gallery is refused as storage-unavailable, and can be kept in memory', async ({
  page,
  server,
}) => {
  await openWithout(page, server, () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    Reflect.deleteProperty(Window.prototype, 'indexedDB');
  });
  const outcomes = await page.evaluate(async () => {
    const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const told: string[] = [typeof globalThis.indexedDB];
    for (const storage of ['indexeddb', 'memory'] as const) {
      try {
        await Gallery.open({ name: 'nowhere', facenet, storage });
        told.push(storage);
      } catch (error) {
        told.push(error instanceof library.FaceNetError ? `${error.code}: ${error.message}` : String(error));
      }
    }
    await facenet.dispose();
    return told;
  });
  expect(outcomes).toEqual([
    'undefined',
    expect.stringMatching(/^storage-unavailable: .*open it with \{ storage: 'memory' \}/),
    'memory',
  ]);
});

test('on an insecure page it is refused as insecure-context', async ({ server }) => {
  const browser = await launchChromium(['--host-resolver-rules=MAP insecure.test 127.0.0.1']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, { ...server, url: server.url.replace('127.0.0.1', 'insecure.test') });
    expect(await tryOut(page)).toEqual({ code: 'insecure-context', message: expect.stringContaining('HTTPS') });
  } finally {
    await browser.close();
  }
});
