import type { Page } from 'playwright/test';
import { launchChromium, type Server } from '../../scripts/kit/browser.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { tryOut } from '../support/try-out.ts';

/** Opens the library on a page from which a feature of the browser was removed before. */
async function openWithout(page: Page, server: Server, remove: () => void): Promise<void> {
  await page.addInitScript(remove);
  await openLibrary(page, server);
}

test('rejects with backend-unavailable without WebAssembly', async ({ page, server }) => {
  await openWithout(page, server, () => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  const message = expect.stringContaining('Use a newer browser.');
  expect(await tryOut(page, { worker: false })).toEqual({ code: 'backend-unavailable', message });
});

test('falls back to TensorFlow.js without SIMD', async ({ page, server }) => {
  const engines: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.wasm')) engines.push(pathname.split('/').at(-1) as string);
  });
  await openWithout(page, server, () => {
    const { validate } = WebAssembly;
    // 0xfd is the prefix of vector instructions.
    WebAssembly.validate = (bytes) => !new Uint8Array(bytes as ArrayBuffer).includes(0xfd) && validate(bytes);
  });
  const { faces, backend } = await tryOut(page, { worker: false });
  expect([faces, backend?.name]).toEqual([1, 'wasm']);
  expect(engines).toEqual(['tfjs-backend-wasm.wasm']);
});

test('downloads the weights each time without Cache Storage', async ({ page, server }) => {
  let downloads = 0;
  page.on('request', (request) => {
    if (/mobilefacenet.*\.bin/.test(request.url())) downloads++;
  });
  await openWithout(page, server, () => Reflect.deleteProperty(globalThis, 'caches'));
  for (const count of [1, 2]) {
    expect((await tryOut(page, { worker: false })).faces).toBe(1);
    expect(downloads).toBe(count);
  }
});

test('runs on the page without module workers', async ({ page, server }) => {
  await openWithout(page, server, () => {
    const { Worker: Native } = globalThis;
    // A browser without module workers ignores the option `type`.
    globalThis.Worker = class extends Native {
      constructor(url: string | URL) {
        super(url);
      }
    };
  });
  const { faces, execution } = await tryOut(page);
  expect(faces).toBe(1);
  expect(execution).toEqual({ name: 'page', reason: expect.stringContaining('no worker started') });
});

test('runs on the page without OffscreenCanvas', async ({ page, server }) => {
  await openWithout(page, server, () => Reflect.deleteProperty(globalThis, 'OffscreenCanvas'));
  const { faces, execution } = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const faces = await facenet.embed(await photo('/photos/sample1.jpg'), { thorough: false });
    const { execution } = facenet;
    await facenet.dispose();
    return { faces: faces.length, execution };
  });
  expect(faces).toBe(3);
  expect(execution).toEqual({ name: 'page', reason: expect.stringContaining('OffscreenCanvas') });
});

test('runs in a worker that is denied its lock', async ({ page, server }) => {
  await page.route('**/dist/worker.js', async (route) => {
    const response = await route.fetch();
    const deny = "LockManager.prototype.request = async () => { throw new DOMException('No.', 'SecurityError'); };";
    await route.fulfill({ response, body: `${deny}\n${await response.text()}` });
  });
  await openLibrary(page, server);
  const denied = page
    .waitForEvent('worker')
    .then((worker) =>
      worker.evaluate(() => navigator.locks.request('any', () => 'granted').catch(({ name }: DOMException) => name)),
    );
  const { faces, execution } = await tryOut(page);
  expect([faces, execution?.name]).toEqual([1, 'worker']);
  expect(await denied).toBe('SecurityError');
});

test('rejects a gallery with storage-unavailable without IndexedDB, and opens one in memory', async ({
  page,
  server,
}) => {
  await openWithout(page, server, () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    Reflect.deleteProperty(Window.prototype, 'indexedDB');
  });
  const outcomes = await page.evaluate(async () => {
    const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
    const calibration = { logOdds: [10, -20] as [number, number], thresholds: [{ far: 1e-3, distance: 0.5 }] };
    const rule = { model: 'test', dimension: 8, metric: 'euclidean', calibration } as const;
    const open = (storage: 'indexeddb' | 'memory') =>
      Gallery.open({ name: 'people', facenet: { rule }, storage }).then(
        () => 'opened',
        ({ code, message }) => `${code}: ${message}`,
      );
    return [typeof globalThis.indexedDB, await open('indexeddb'), await open('memory')];
  });
  expect(outcomes).toEqual([
    'undefined',
    expect.stringMatching(/^storage-unavailable: .*open it with \{ storage: 'memory' \}/),
    'opened',
  ]);
});

test('rejects with insecure-context on an insecure page', { tag: '@page' }, async ({ server, inWorker }) => {
  const browser = await launchChromium(['--host-resolver-rules=MAP insecure.test 127.0.0.1']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, { ...server, url: server.url.replace('127.0.0.1', 'insecure.test') }, inWorker);
    expect(await tryOut(page)).toEqual({ code: 'insecure-context', message: expect.stringContaining('HTTPS') });
  } finally {
    await browser.close();
  }
});
