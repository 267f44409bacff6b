import { expect, test } from '../support/library.ts';

type Training = typeof import('../../lib/training/index.ts');

declare global {
  /** facenet-web/training, as built. */
  var training: Training;
  /** The faces of some photos, each in several states from clear to hardly recognisable: what a head is to learn to see through. */
  var changedFaces: (photos: string[]) => Promise<{ person: string; model: string; embedding: Float32Array }[]>;
}

test.beforeEach(async ({ page }) => {
  await page.evaluate(async () => {
    const address = '/dist/training.js';
    globalThis.training = (await import(address)) as Training;
    globalThis.changedFaces = async (photos) => {
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const states = [
        'none',
        'brightness(0.25)',
        'blur(3px)',
        'blur(2px) brightness(0.35)',
        'contrast(0.3)',
        'blur(4px)',
      ];
      const examples = [];
      for (const address of photos) {
        const image = await photo(address);
        for (const [i, face] of (await facenet.detect(image, { thorough: false })).entries()) {
          const crop = await createImageBitmap(await facenet.align(image, face));
          for (const state of states) {
            const canvas = new OffscreenCanvas(crop.width, crop.height);
            const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
            context.filter = state;
            context.drawImage(crop, 0, 0);
            examples.push({ person: `${address} ${i}`, ...(await facenet.embedCrop(canvas)) });
          }
        }
      }
      await facenet.dispose();
      return examples;
    };
  });
});

test('a head learns in its worker to tell people apart who were held out, is saved, loaded and applied', async ({
  page,
}) => {
  const workers: string[] = [];
  page.on('worker', (worker) => workers.push(worker.url()));
  const result = await page.evaluate(async () => {
    const { Head, trainHead } = globalThis.training;
    const examples = await changedFaces([1, 2, 3, 4, 5, 6].map((n) => `/photos/sample${n}.jpg`));
    const epochs: import('../../lib/training/index.ts').HeadEpoch[] = [];
    let [blocked, last] = [0, performance.now()];
    const beat = setInterval(() => {
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
    clearInterval(beat);
    const loaded = await Head.load(await head.save());
    const [a, b] = examples as [(typeof examples)[0], (typeof examples)[0]];
    const verdict = loaded.compare(loaded.apply(a), head.apply(b), { far: 0.01 });
    let mixed = '';
    try {
      head.compare(a, head.apply(b), { far: 0.01 });
    } catch (error) {
      mixed = (error as { code: string }).code;
    }
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
  expect(result.model).toMatch(/^dlib-resnet-34\+head-/);
  expect(result.same).toBe(true);
  expect(result.verdict.probability).toBeGreaterThan(0.5);
  expect(result.mixed).toBe('model-mismatch');
  // The page was never waiting for the maths: an epoch alone takes longer than this.
  expect(result.milliseconds.blocked).toBeLessThan(result.milliseconds.trained / 2);
});

test('training whose worker is killed says so', async ({ page }) => {
  const started = page.waitForEvent('worker');
  const training = page.evaluate(async () => {
    const examples = Array.from({ length: 400 }, (_, i) => ({
      person: `person ${i % 100}`,
      model: 'made up',
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

test('training is aborted at once, in the worker and on the page, and goes on without a worker', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { trainHead } = globalThis.training;
    const random = (seed: number) => Math.sin(seed * 12.9898) - Math.floor(Math.sin(seed * 12.9898));
    const examples = Array.from({ length: 200 }, (_, i) => ({
      person: i % 40,
      model: 'made up',
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
  expect(outcomes).toEqual(['enough', 'enough', 'made up']);
});

test('a network of NNS2’s size learns from scratch in the page, with a live loss curve', async ({ page }) => {
  const curve = await page.evaluate(async () => {
    const { architectures, buildNetwork, startTensorFlow, trainNetwork } = globalThis.training;
    const { tf } = await startTensorFlow({ backend: 'webgl' });
    const before = tf.memory().numTensors;
    const network = await buildNetwork(tf, architectures.nns2);
    const [height, width] = architectures.nns2.input;
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const image = await photo('/photos/sample1.jpg');
    const faces = await facenet.detect(image, { thorough: false, maxFaces: 3 });
    const pixels: ImageData[] = [];
    for (const face of faces) {
      const crop = await createImageBitmap(await facenet.align(image, face));
      for (const state of ['none', 'brightness(0.6)', 'blur(1px)']) {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        context.filter = state;
        context.drawImage(crop, 0, 0, width, height);
        pixels.push(context.getImageData(0, 0, width, height));
      }
    }
    const curve: import('../../lib/training/index.ts').NetworkStep[] = [];
    const optimizer = tf.train.adagrad(0.01);
    await trainNetwork(
      tf,
      network,
      {
        labels: pixels.map((_, i) => Math.floor(i / 3)),
        pictures: (places) =>
          tf.tidy(() => {
            const rows = places.map((place) => tf.browser.fromPixels(pixels[place] as ImageData));
            return tf.div(tf.sub(tf.stack(rows), 127.5), 128);
          }),
      },
      {
        steps: 3,
        batch: { people: faces.length, faces: 3 },
        mining: { negatives: 'hardest' },
        optimizer,
        onStep: (step) => curve.push(step),
      },
    );
    network.dispose();
    optimizer.dispose();
    await facenet.dispose();
    return { people: faces.length, curve, leaked: tf.memory().numTensors - before };
  });
  test.info().annotations.push({ type: 'figures', description: JSON.stringify(curve) });
  expect(curve.people).toBeGreaterThanOrEqual(2);
  expect(curve.curve.map(({ step }) => step)).toEqual([1, 2, 3]);
  const losses = curve.curve.map(({ loss }) => loss);
  expect(Math.min(...losses.slice(1)), losses.join(' ')).toBeLessThan(losses[0] as number);
  expect(curve.leaked).toBe(0);
});
