import { expect, test } from '../support/training.ts';

test('trains, saves and loads a head that separates held-out people better, in a worker', async ({
  trainingPage: page,
}) => {
  const workers: string[] = [];
  page.on('worker', (worker) => workers.push(worker.url()));
  const result = await page.evaluate(async () => {
    const { Head, trainHead } = globalThis.training;
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    // Each face from clear to hardly recognisable.
    const filters = [
      'none',
      'brightness(0.25)',
      'blur(3px)',
      'blur(2px) brightness(0.35)',
      'contrast(0.3)',
      'blur(4px)',
    ];
    const examples: { person: string; model: string; embedding: Float32Array }[] = [];
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const image = await photo(`/photos/sample${number}.jpg`);
      for (const [i, face] of (await facenet.detect(image, { thorough: false })).entries()) {
        const crop = await createImageBitmap(await facenet.align(image, face));
        for (const filter of filters) {
          const canvas = new OffscreenCanvas(crop.width, crop.height);
          const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
          context.filter = filter;
          context.drawImage(crop, 0, 0);
          examples.push({ person: `${number} ${i}`, ...(await facenet.embedCrop(canvas)) });
        }
      }
    }
    await facenet.dispose();
    const epochs: import('../../lib/training/index.ts').HeadEpoch[] = [];
    let [blocked, last] = [0, performance.now()];
    const heartbeat = setInterval(() => {
      blocked = Math.max(blocked, performance.now() - last);
      last = performance.now();
    }, 10);
    const started = performance.now();
    const head = await trainHead(examples, {
      heldOut: 0.5,
      epochs: 30,
      learningRate: 0.001,
      plot: true,
      onEpoch: (epoch) => epochs.push(epoch),
    });
    const trained = performance.now() - started;
    clearInterval(heartbeat);
    const loaded = await Head.load(await head.save());
    const [a, b] = examples as [(typeof examples)[0], (typeof examples)[0]];
    const verdict = loaded.compare(loaded.apply(a), head.apply(b), { far: 0.01 });
    const mixed = await codeOf(() => head.compare(a, head.apply(b), { far: 0.01 }));
    return {
      people: new Set(examples.map(({ person }) => person)).size,
      examples: examples.length,
      epochs: epochs.map(({ loss, triplets }) => ({ loss, active: triplets.active })),
      plots: epochs.map(({ plot }) => plot?.length),
      report: head.report,
      model: head.model,
      same: loaded.model === head.model,
      verdict,
      mixed,
      milliseconds: { trained, blocked },
    };
  });
  const { report, epochs } = result;
  test.info().annotations.push({ type: 'figures', description: JSON.stringify({ ...result, epochs: epochs.length }) });
  expect(result.people).toBeGreaterThanOrEqual(20);
  expect(workers.some((url) => url.endsWith('/training-worker.js'))).toBe(true);
  expect(report.bestEpoch).toBeGreaterThan(0);
  expect(report.after?.decidability).toBeGreaterThan(report.before?.decidability as number);
  expect(report.after?.equalErrorRate).toBeLessThanOrEqual(report.before?.equalErrorRate as number);
  expect(epochs.at(-1)?.active).toBeLessThan(0.8 * (epochs[0]?.active as number));
  expect(new Set(result.plots)).toEqual(new Set([2 * result.examples]));
  expect(result.model).toMatch(/^mobilefacenet\+head-/);
  expect(result.same).toBe(true);
  expect(result.verdict.probability).toBeGreaterThan(0.5);
  expect(result.mixed).toBe('model-mismatch');
  // The training does not block the page.
  expect(result.milliseconds.blocked).toBeLessThan(result.milliseconds.trained / 2);
});

test('rejects with backend-unavailable when the training worker is killed', async ({ trainingPage: page }) => {
  const started = page.waitForEvent('worker');
  const training = page.evaluate(async () => {
    const examples = Array.from({ length: 400 }, (_, i) => ({
      person: `person ${i % 100}`,
      model: 'synthetic',
      embedding: Float32Array.from({ length: 128 }, (_, k) => Math.sin(i * 128 + k) * (1 + Math.cos((i % 100) * k))),
    }));
    const { trainHead } = globalThis.training;
    return trainHead(examples, { epochs: 10_000, patience: 10_000 }).then(
      () => 'no error',
      ({ code, message }) => `${code}: ${message}`,
    );
  });
  const worker = await started;
  await expect
    .poll(() => worker.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name)))
    .toContainEqual(expect.stringContaining('facenet-web worker'));
  await worker.evaluate(() => self.close()).catch(() => {});
  expect(await training).toBe('backend-unavailable: The training worker stopped (the browser ended it): train again.');
});

test('aborts a training in the worker and on the page, and trains on the page when no worker starts', async ({
  trainingPage: page,
}) => {
  const outcomes = await page.evaluate(async () => {
    const { trainHead } = globalThis.training;
    const random = (seed: number) => Math.sin(seed * 12.9898) - Math.floor(Math.sin(seed * 12.9898));
    const examples = Array.from({ length: 200 }, (_, i) => ({
      person: i % 40,
      model: 'synthetic',
      embedding: Float32Array.from({ length: 64 }, (_, j) => random((i % 40) * 64 + j) + random(i * 64 + j + 0.5)),
    }));
    const outcome = async (worker: boolean) => {
      const controller = new AbortController();
      return trainHead(examples, {
        worker,
        epochs: 10_000,
        patience: 10_000,
        signal: controller.signal,
        onEpoch: ({ epoch }) => epoch === 2 && controller.abort('enough'),
      }).then(
        () => 'trained',
        (reason) => String(reason),
      );
    };
    const { Worker } = globalThis;
    const aborted = [await outcome(true), await outcome(false)];
    globalThis.Worker = class {
      constructor() {
        throw new Error('forbidden');
      }
    } as never;
    const head = await trainHead(examples, { epochs: 1 });
    globalThis.Worker = Worker;
    return [...aborted, head.base];
  });
  expect(outcomes).toEqual(['enough', 'enough', 'synthetic']);
});
