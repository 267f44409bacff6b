import { expect, test } from '../support/library.ts';

test('networks run in a worker, and the page does not even fetch them', async ({ page }) => {
  const fetched: string[] = [];
  const workers: string[] = [];
  page.on('response', (response) => fetched.push(new URL(response.url()).pathname));
  page.on('worker', (worker) => workers.push(new URL(worker.url()).pathname));
  const { execution, faces, onThePage } = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const faces = await facenet.embed(await photo('/photos/sample1.jpg'));
    const { execution } = facenet;
    await facenet.dispose();
    return { execution, faces: faces.length, onThePage: 'facenetTensorFlow' in globalThis };
  });
  expect(execution.name).toBe('worker');
  expect(faces).toBe(3);
  expect(onThePage).toBe(false);
  expect(workers).toEqual(['/dist/worker.js']);
  expect(fetched).toContain('/models/dlib-resnet-34/weights.bin');
  await expect.poll(() => page.workers().length, 'dispose ends the worker').toBe(0);
});

test('a worker sees what the page would see, to the last bit, on six photos', async ({ page }) => {
  const [inWorker, onPage] = await page.evaluate(async () => {
    const seen = [];
    for (const worker of [true, false]) {
      const facenet = await library.FaceNet.load({ models: '/models/', worker });
      const faces: unknown[] = [];
      for (const n of [1, 2, 3, 4, 5, 6]) {
        for (const { embedding, ...face } of await facenet.embed(await photo(`/photos/sample${n}.jpg`))) {
          faces.push({ ...face, embedding: Array.from(embedding) });
        }
      }
      seen.push({ execution: facenet.execution.name, count: faces.length, faces: JSON.stringify(faces) });
      await facenet.dispose();
    }
    return seen;
  });
  expect(inWorker).toMatchObject({ execution: 'worker', count: 22 });
  expect(onPage).toEqual({ ...inWorker, execution: 'page' });
});

test('where no worker starts the page does the work, and says why', async ({ page }) => {
  const load = () =>
    page.evaluate(async () => {
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const faces = await facenet.embed(await photo('/photos/sample1.jpg'));
      const { execution } = facenet;
      await facenet.dispose();
      return { ...execution, faces: faces.length };
    });
  await page.route('**/dist/worker.js', (route) => route.fulfill({ status: 404 }));
  expect(await load()).toEqual({ name: 'page', reason: expect.stringContaining('no worker started'), faces: 3 });
  await page.unroute('**/dist/worker.js');
  await page.route('**/dist/worker.js', (route) =>
    route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }),
  );
  expect(await load()).toEqual({ name: 'page', reason: expect.stringContaining('no worker started'), faces: 3 });
  await page.unroute('**/dist/worker.js');
  expect(await load()).toMatchObject({ name: 'worker', faces: 3 });
});

test('callers who ask for the same share one worker, which the last of them frees', async ({ page }) => {
  const loaded = await page.evaluate(async () => {
    const progress: number[][] = [[], [], []];
    const load = (i: number, backend: 'auto' | 'wasm') =>
      library.FaceNet.load({
        backend,
        models: i === 1 ? new URL('/models/', location.href) : '/models/',
        onProgress: ({ progress: share }) => progress[i]?.push(share),
      });
    const facenets = await Promise.all([load(0, 'auto'), load(1, 'auto'), load(2, 'wasm')]);
    const aborted = new AbortController();
    const givenUp = library.FaceNet.load({ models: '/models/', signal: aborted.signal }).catch((error) => error.name);
    aborted.abort();
    Object.assign(globalThis, { facenets });
    return { ends: progress.map((shares) => shares.at(-1)), givenUp: await givenUp };
  });
  expect(loaded).toEqual({ ends: [1, 1, 1], givenUp: 'AbortError' });
  expect(page.workers()).toHaveLength(2);
  const dispose = (i: number) =>
    page.evaluate(async (i) => {
      const { facenets } = globalThis as unknown as { facenets: import('../../lib/index.ts').FaceNet[] };
      await facenets[i]?.dispose();
      const others = facenets.slice(i + 1);
      const blob = await photo('/photos/sample1.jpg');
      return Promise.all(others.map(async (facenet) => (await facenet.embed(blob)).length));
    }, i);
  expect(await dispose(0)).toEqual([3, 3]);
  expect(page.workers()).toHaveLength(2);
  expect(await dispose(1)).toEqual([3]);
  await expect.poll(() => page.workers().length).toBe(1);
  expect(await dispose(2)).toEqual([]);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('what a caller keeps with a face stays with it, whatever it is', async ({ page }) => {
  const kept = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const blob = await photo('/photos/sample1.jpg');
    const faces = (await facenet.detect(blob)).map((face, i) => ({ ...face, label: () => `face ${i}` }));
    const landmarked = await facenet.landmarks(blob, faces);
    const embedded = await facenet.embed(blob, landmarked);
    await facenet.dispose();
    return embedded.map(({ label, embedding }) => `${label()}: ${embedding.length}`);
  });
  expect(kept).toEqual(['face 0: 128', 'face 1: 128', 'face 2: 128']);
});

test('a worker that throws unasked is started again, and calls notice nothing of it', async ({ page }) => {
  const workerStarts = page.waitForEvent('worker');
  await page.evaluate(async () => {
    Object.assign(globalThis, { facenet: await library.FaceNet.load({ models: '/models/' }) });
  });
  const worker = await workerStarts;
  const call = page.evaluate(async () => {
    const { facenet } = globalThis as unknown as { facenet: import('../../lib/index.ts').FaceNet };
    const pixels = new ImageData(640, 480);
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'no error',
        (error) => error.code,
      );
    const waiting = await codeOf(facenet.embed(pixels));
    const later = await codeOf(facenet.embed(pixels));
    await facenet.dispose();
    return [waiting, later];
  });
  await worker.evaluate(() => {
    // An error that nobody catches.
    setTimeout(() => {
      throw new Error('the worker fell over');
    });
  });
  const codes = await call;
  expect(codes).toEqual(['no error', 'no error']);
});

test('dispose ends a worker that does not answer any more', async ({ page }) => {
  const workerStarts = page.waitForEvent('worker');
  await page.evaluate(async () => {
    Object.assign(globalThis, { facenet: await library.FaceNet.load({ models: '/models/' }) });
  });
  const worker = await workerStarts;
  await worker.evaluate(() => {
    globalThis.postMessage = () => {};
  });
  const kept = page.evaluate(async () => {
    const { facenet } = globalThis as unknown as { facenet: import('../../lib/index.ts').FaceNet };
    const keeping = facenet.persist();
    await facenet.dispose();
    return keeping;
  });
  expect(await kept, 'nobody knows whether all is kept').toBe(false);
  await expect.poll(() => page.workers().length).toBe(0);
});
