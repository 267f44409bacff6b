import type { Page } from 'playwright/test';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';
import { sampled } from '../support/sampling.ts';
import { tryOut } from '../support/try-out.ts';

test('runs the networks in a worker, and downloads them only there', async ({ page }) => {
  const fetched: string[] = [];
  const workers: string[] = [];
  page.on('response', (response) => fetched.push(new URL(response.url()).pathname));
  page.on('worker', (worker) => workers.push(new URL(worker.url()).pathname));
  const { execution, faces } = await tryOut(page);
  expect(execution?.name).toBe('worker');
  expect(faces).toBe(1);
  expect(await page.evaluate(() => 'facenetTensorFlow' in globalThis)).toBe(false);
  expect(workers).toEqual(['/dist/worker.js']);
  expect(fetched).toContain('/models/mobilefacenet/weights.bin');
  await expect.poll(() => page.workers().length, 'dispose() ends the worker').toBe(0);
});

test('gives bit-identical results in a worker and on the page', async ({ sharedPage: page }) => {
  const results = await page.evaluate(
    async (numbers) => {
      const results = [];
      for (const worker of [true, false]) {
        const facenet = await library.FaceNet.load({ models: '/models/', worker });
        const faces: unknown[] = [];
        for (const number of numbers) {
          for (const { embedding, ...face } of await facenet.embed(await photo(`/photos/sample${number}.jpg`))) {
            faces.push({ ...face, embedding: Array.from(embedding) });
          }
        }
        results.push({ execution: facenet.execution.name, count: faces.length, faces: JSON.stringify(faces) });
        await facenet.dispose();
      }
      return results;
    },
    sampled([1, 2, 3, 4, 5, 6], 2),
  );
  const [inWorker, onPage] = results;
  expect(inWorker?.execution).toBe('worker');
  expect(inWorker?.count).toBeGreaterThanOrEqual(7);
  expect(onPage).toEqual({ ...inWorker, execution: 'page' });
});

test('runs on the page when no worker starts, and states the reason', async ({ page }) => {
  const executionWith = async (answer: { status?: number; body?: string; contentType?: string }) => {
    await page.route('**/dist/worker.js', (route) => route.fulfill(answer));
    const { execution, faces } = await tryOut(page);
    await page.unroute('**/dist/worker.js');
    return { ...execution, faces };
  };
  const onPage = { name: 'page', reason: expect.stringContaining('no worker started'), faces: 1 };
  expect(await executionWith({ status: 404 })).toEqual(onPage);
  expect(await executionWith({ body: '<!doctype html>', contentType: 'text/html' })).toEqual(onPage);
  expect((await tryOut(page)).execution?.name).toBe('worker');
});

test('shares one worker between loads with the same options, and ends it with the last dispose', async ({ page }) => {
  const loaded = await page.evaluate(async () => {
    const progress: number[][] = [[], [], []];
    const load = (i: number, backend: 'auto' | 'wasm') =>
      library.FaceNet.load({
        preset: 'fast',
        backend,
        models: i === 1 ? new URL('/models/', location.href) : '/models/',
        onProgress: ({ progress: share }) => progress[i]?.push(share),
      });
    const facenets = await Promise.all([load(0, 'auto'), load(1, 'auto'), load(2, 'wasm')]);
    const controller = new AbortController();
    const aborted = codeOf(library.FaceNet.load({ models: '/models/', preset: 'fast', signal: controller.signal }));
    controller.abort('enough');
    Object.assign(globalThis, { facenets });
    return { ends: progress.map((shares) => shares.at(-1)), aborted: await aborted };
  });
  expect(loaded).toEqual({ ends: [1, 1, 1], aborted: 'enough' });
  expect(page.workers()).toHaveLength(2);
  /** Disposes of one, and embeds with those after it. */
  const dispose = (i: number) =>
    page.evaluate(async (i) => {
      const { facenets } = globalThis as unknown as { facenets: import('../../lib/index.ts').FaceNet[] };
      await facenets[i]?.dispose();
      const still = await facePhoto();
      return Promise.all(facenets.slice(i + 1).map(async (facenet) => (await facenet.embed(still, quick)).length));
    }, i);
  expect(await dispose(0)).toEqual([1, 1]);
  expect(page.workers()).toHaveLength(2);
  expect(await dispose(1)).toEqual([1]);
  await expect.poll(() => page.workers().length).toBe(1);
  expect(await dispose(2)).toEqual([]);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('keeps the properties that the caller adds to a face', { tag: '@page' }, async ({ sharedPage: page }) => {
  const labels = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const picture = await smallPhoto();
    // A function cannot be sent to a worker.
    const faces = (await facenet.detect(picture)).map((face, i) => ({ ...face, label: () => `face ${i}` }));
    const embedded = await facenet.embed(picture, await facenet.landmarks(picture, faces));
    await facenet.dispose();
    return embedded.map(({ label, embedding }) => `${label()}: ${embedding.length}`);
  });
  expect(labels).toEqual(['face 0: 192', 'face 1: 192', 'face 2: 192']);
});

/** Loads into the page, and returns its worker. */
async function loadWorker(page: Page) {
  const started = page.waitForEvent('worker');
  await loadFast(page);
  return started;
}

test('restarts a worker that throws an uncaught error, and answers the pending call', async ({ page }) => {
  const worker = await loadWorker(page);
  const codes = page.evaluate(async () => {
    const pixels = new ImageData(640, 480);
    return [await codeOf(facenet.embed(pixels)), await codeOf(facenet.embed(pixels))];
  });
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('thrown by the test');
    });
  });
  expect(await codes).toEqual(['no error', 'no error']);
});

test('dispose() ends a worker that does not answer', async ({ page }) => {
  await page.clock.install();
  const worker = await loadWorker(page);
  await worker.evaluate(() => {
    globalThis.postMessage = () => {};
  });
  const persisted = page.evaluate(async () => {
    const persisting = facenet.persist();
    await facenet.dispose();
    return persisting;
  });
  const workersLater = async () => {
    await page.clock.fastForward(6000);
    return page.workers().length;
  };
  await expect.poll(workersLater).toBe(0);
  expect(await persisted, 'it is unknown whether all files are cached').toBe(false);
});
