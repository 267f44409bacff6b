import type { Page } from 'playwright/test';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { expect, openLibrary, photos, test } from '../support/library.ts';
import type { SentLoadOptions } from '../support/loaded.ts';

declare global {
  /** A FaceNet with two threads. */
  var threaded: import('../../lib/index.ts').FaceNet;
}

/** The boxes, landmarks and embeddings of a photo of three faces, and the number of threads. */
function answersOn(page: Page, options: SentLoadOptions) {
  return page.evaluate(async (options) => {
    const facenet = await library.FaceNet.load({ models: '/models/', ...options });
    const picture = await smallPhoto();
    const faces = [];
    // The second run reuses the memory of the first.
    for (let run = 0; run < 2; run++) {
      for (const { box, landmarks, embedding } of await facenet.embed(picture)) {
        faces.push({ box, landmarks: landmarks.points, embedding: [...embedding] });
      }
    }
    const { threads, reason } = facenet.backend;
    const [instructions] = reason.match(/with (relaxed )?SIMD/) ?? [];
    await facenet.dispose();
    return { faces, threads, instructions };
  }, options);
}

test('gives identical results on several threads, which end with their worker', async ({ page }) => {
  const one = await answersOn(page, { threads: 1 });
  expect(one.faces).toHaveLength(6);
  expect(one.threads).toBe(1);
  for (const threads of [2, 3]) {
    const workers: string[] = [];
    const note = (worker: { url(): string }) => workers.push(worker.url());
    page.on('worker', note);
    expect(await answersOn(page, { threads })).toEqual({ ...one, threads });
    page.off('worker', note);
    expect(workers).toHaveLength(threads);
    await expect.poll(() => page.workers().length).toBe(0);
  }
});

test('gives identical results on two threads in a browser without relaxed SIMD', async ({ page }) => {
  // f32x4.relaxed_madd: the library tests for relaxed SIMD by validating a module with this instruction.
  const withoutRelaxedSimd = `{
    const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) => !String(bytes).includes('253,133,2') && validate(bytes);
  }`;
  await page.route('**/dist/worker.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${withoutRelaxedSimd}` });
  });
  const one = await answersOn(page, { threads: 1 });
  expect(one.instructions).toBe('with SIMD');
  const { instructions, ...two } = await answersOn(page, { threads: 2 });
  expect(instructions).toBe('with SIMD');
  expect(two).toEqual({ faces: one.faces, threads: 2 });
});

test('gives identical results on two threads with every preset', async ({ page }) => {
  for (const preset of ['fast', 'accurate']) {
    const one = await answersOn(page, { preset, threads: 1 });
    expect(await answersOn(page, { preset, threads: 2 })).toEqual({ ...one, threads: 2 });
  }
});

test('uses half of the cores by default', async ({ page }) => {
  const half = await page.evaluate(() => Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))));
  expect((await answersOn(page, { threads: undefined as never })).threads).toBe(half);
});

test('uses one thread on the page, and on a page that is not cross-origin isolated', async ({ page }) => {
  expect((await answersOn(page, { worker: false, threads: 2 })).threads).toBe(1);
  const server = await serveLibrary({ '/photos': photos }, { isolated: false });
  try {
    await openLibrary(page, server);
    expect((await answersOn(page, { threads: 2 })).threads).toBe(1);
  } finally {
    await server.close();
  }
});

test('uses one thread when another does not start', async ({ page }) => {
  // The policy of the worker forbids it to start workers.
  await page.route('**/dist/worker.js', async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'content-security-policy': "worker-src 'none'" };
    await route.fulfill({ response, headers });
  });
  const { faces, threads } = await answersOn(page, { threads: 2 });
  expect(threads).toBe(1);
  expect(faces).toHaveLength(6);
});

test('continues on one thread after another ends', async ({ page }) => {
  await page.evaluate(async () => {
    globalThis.threaded = await library.FaceNet.load({ models: '/models/', preset: 'fast', threads: 2 });
  });
  const embed = () =>
    page.evaluate(async () => (await threaded.embed(await smallPhoto())).map(({ embedding }) => [...embedding]));
  const before = await embed();
  for (const worker of page.workers()) {
    const isThread = await worker.evaluate(() => self.name === 'facenet-web thread');
    if (isThread) await worker.evaluate(() => self.close());
  }
  await expect.poll(() => page.workers().length).toBe(1);
  expect(await embed()).toEqual(before);
  expect(await embed()).toEqual(before);
  await page.evaluate(() => threaded.dispose());
});
