import type { Page, Worker } from 'playwright/test';
import { startCamera } from '../support/camera.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

declare global {
  var killWorker: () => Promise<void>;
}

/** Gives the page `killWorker()`, and counts the workers that start from now on. */
async function exposeKill(page: Page): Promise<() => number> {
  let started = 0;
  page.on('worker', () => started++);
  const killed = new Set<Worker>();
  await page.exposeFunction('killWorker', async () => {
    const alive = page.workers().find((worker) => !killed.has(worker));
    const worker = alive ?? (await page.waitForEvent('worker', { timeout: 60_000 }));
    killed.add(worker);
    // Before a worker holds its lock, only a timeout detects its death.
    await expect
      .poll(() => worker.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name)))
      .toContainEqual(expect.stringContaining('facenet-web worker'));
    // The worker ends without a message, like one that the browser kills.
    await worker.evaluate(() => self.close()).catch(() => {});
  });
  return () => started;
}

test('restarts a killed worker and retries the calls whose source can be read again', async ({ page }) => {
  await loadFast(page);
  const started = await exposeKill(page);
  const result = await page.evaluate(async () => {
    const [before] = await facenet.embed(still, quick);
    const blob = await photo('/photos/sample1.jpg');
    const canvas = new OffscreenCanvas(1920, 1280);
    canvas.getContext('2d')?.drawImage(await createImageBitmap(blob), 0, 0);
    const calls = [facenet.embed(blob), facenet.embed(still, quick), codeOf(facenet.embed(canvas))] as const;
    await killWorker();
    const [photoFaces, [after], canvasCode] = await Promise.all(calls);
    const { distance } = facenet.compare(before as NonNullable<typeof before>, after as NonNullable<typeof after>);
    // This worker dies without a pending call.
    await killWorker();
    const next = await facenet.embed(still, quick);
    return { faces: photoFaces.length, canvasCode, distance, next: next.length };
  });
  expect(result).toEqual({ faces: 3, canvasCode: 'worker-lost', distance: expect.any(Number), next: 1 });
  expect(result.distance).toBeLessThan(1e-3);
  expect(started()).toBe(2);
});

test('continues to watch with the same ids after its worker is killed', async ({ page }) => {
  await loadFast(page);
  await startCamera(page);
  await exposeKill(page);
  const ids = await page.evaluate(async () => {
    const ids = new Set<number>();
    let killed: Promise<void> | undefined;
    let frames = 0;
    for await (const { faces } of facenet.watch(camera.video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!killed && faces[0]?.trackEmbedding) killed = killWorker();
      if (killed && faces.length > 0 && ++frames === 5) break;
    }
    await killed;
    camera.unplug();
    return [...ids];
  });
  expect(ids).toEqual([0]);
});

test('does not restart a worker that dies before its first answer', async ({ page }) => {
  await loadFast(page);
  await exposeKill(page);
  const outcomes = await page.evaluate(async () => {
    await facenet.embed(still, quick);
    await killWorker();
    await killWorker();
    const codes = [await codeOf(facenet.embed(still, quick)), await codeOf(facenet.embed(still, quick))];
    // The first FaceNet still holds its dead pipeline, which the second one must not join.
    const another = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    await facenet.dispose();
    const faces = await another.embed(still, quick);
    await another.dispose();
    return [...codes, faces.length];
  });
  expect(outcomes).toEqual(['backend-unavailable', 'backend-unavailable', 1]);
});

test('says that a picture may be the reason if a worker dies while it processes it, and the next one dies too', async ({
  page,
}) => {
  await loadFast(page);
  await exposeKill(page);
  const codes = await page.evaluate(async () => {
    await facenet.embed(still, quick);
    const error = facenet.embed(await photo('/photos/sample1.jpg')).catch((error) => error);
    await killWorker();
    await killWorker();
    const { code, cause } = await error;
    const later = await facenet.embed(still, quick).catch((error) => error);
    return [code, cause.code, later.code, later.cause.code];
  });
  expect(codes).toEqual(['backend-unavailable', 'worker-lost', 'backend-unavailable', undefined]);
});

for (const [when, script, reason] of [
  ['before its first message', 'self.close();', 'no worker started (it was silent for 60 seconds)'],
  [
    'before it holds its lock',
    "postMessage({ type: 'ready' }); self.close();",
    'the worker stopped (it held no lock after 60 seconds)',
  ],
] as const) {
  test(`runs on the page when the worker is killed ${when}`, async ({ page }) => {
    await page.clock.install();
    await page.route('**/dist/worker.js', async (route) => {
      await route.fulfill({ response: await route.fetch(), body: script });
    });
    const ended = page.waitForEvent('worker').then((worker) => worker.waitForEvent('close'));
    const loading = loadFast(page);
    await ended;
    await page.clock.runFor(61_000);
    await loading;
    const result = await page.evaluate(async () => {
      return { execution: facenet.execution, faces: (await facenet.embed(still, quick)).length };
    });
    expect(result).toEqual({ execution: { name: 'page', reason }, faces: 1 });
  });
}
