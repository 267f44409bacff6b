import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { listedFiles } from '../../cli/convert/listed-files.ts';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { dimension, largeModel } from '../../test/unit/runtime/kernels/support/large-model.ts';
import { expect, openLibrary, ownModels, photos, test } from '../support/library.ts';
import type { SentLoadOptions } from '../support/loaded.ts';

declare global {
  /** A FaceNet with two threads. */
  var threaded: import('../../lib/index.ts').FaceNet;
}

/** The boxes, landmarks and embeddings of a photo of three faces, and the number of threads. */
function answersOn(page: Page, options: SentLoadOptions) {
  return page.evaluate(async (options) => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
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

/** The number of threads of a FaceNet. */
function threadsOf(page: Page, options: SentLoadOptions) {
  return page.evaluate(async (options) => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
    const { threads } = facenet.backend;
    await facenet.dispose();
    return threads;
  }, options);
}

test('gives identical results on several threads, which end with their worker', async ({ page }) => {
  const one = await answersOn(page, { preset: 'balanced', threads: 1 });
  expect(one.faces).toHaveLength(6);
  expect(one.threads).toBe(1);
  for (const threads of [2, 3]) {
    const workers: string[] = [];
    const note = (worker: { url(): string }) => workers.push(worker.url());
    page.on('worker', note);
    expect(await answersOn(page, { preset: 'balanced', threads })).toEqual({ ...one, threads });
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

test('gives identical results on two threads with every other preset', async ({ page }) => {
  for (const preset of ['fast', 'accurate']) {
    const one = await answersOn(page, { preset, threads: 1 });
    expect(await answersOn(page, { preset, threads: 2 })).toEqual({ ...one, threads: 2 });
  }
});

/** Writes an embedder whose filters exceed 256 MiB in the memory of the kernels. */
async function writeLargeEmbedder(folder: string): Promise<void> {
  const { descriptor, files: model } = largeModel();
  const contents = [
    { path: 'model.json', bytes: model.json },
    { path: 'weights.bin', bytes: model.weights },
  ];
  const { files, entries } = await listedFiles('large', contents);
  const { width, height } = descriptor.preprocessing;
  const embedder = {
    ...descriptor,
    name: 'large',
    task: 'embedding',
    engine: 'tfjs',
    input: { name: 'image', shape: [-1, height, width, 3] },
    outputs: descriptor.outputs.map(({ name }) => ({ name, shape: [-1, dimension] })),
    dimension,
    template: 'arcface',
    metric: 'cosine',
    licence: 'MIT',
    trainingData: 'none: random weights',
    source: { package: 'this test', version: '1', files: [], conversion: 'none' },
    files: entries,
  };
  mkdirSync(join(folder, 'large'), { recursive: true });
  for (const { path, bytes } of files) writeFileSync(join(folder, path), bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: 1, models: [embedder], engines: [] }));
}

test('shares the memory of an embedder that needs more than 256 MiB', async ({ page }) => {
  await writeLargeEmbedder(join(ownModels, 'large'));
  const [one, two] = await page.evaluate(async () => {
    const answers = [];
    for (const threads of [1, 2]) {
      const models = ['/own/large/', '/models/'];
      const facenet = await library.FaceNet.load({ models, preset: 'fast', embedder: 'large', threads });
      const faces = await facenet.embed(await facePhoto(), quick);
      const { backend } = facenet;
      answers.push({ threads: backend.threads, embeddings: faces.map(({ embedding }) => [...embedding]) });
      await facenet.dispose();
    }
    return answers;
  });
  expect(one?.threads).toBe(1);
  expect(one?.embeddings).toHaveLength(1);
  expect(new Set(one?.embeddings[0]).size).toBe(dimension);
  expect(two).toEqual({ ...one, threads: 2 });
});

test('uses half of the cores by default', async ({ page }) => {
  const half = await page.evaluate(() => Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))));
  expect(await threadsOf(page, { threads: undefined as never })).toBe(half);
});

test('uses one thread on the page, and on a page that is not cross-origin isolated', async ({ page }) => {
  expect(await threadsOf(page, { worker: false, threads: 2 })).toBe(1);
  const server = await serveLibrary({ '/photos': photos }, { isolated: false });
  try {
    await openLibrary(page, server);
    expect(await threadsOf(page, { threads: 2 })).toBe(1);
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
    await worker.evaluate(() => {
      if (self.name === 'facenet-web thread') return self.close();
      // The other threads are waited for in many short sleeps, for ten seconds in all.
      const { wait } = Atomics;
      Object.assign(Atomics, {
        wait: (array: Int32Array, index: number, value: number, timeout = Number.POSITIVE_INFINITY) =>
          wait(array, index, value, timeout / 20),
      });
    });
  }
  await expect.poll(() => page.workers().length).toBe(1);
  expect(await embed()).toEqual(before);
  expect(await embed()).toEqual(before);
  await page.evaluate(() => threaded.dispose());
});
