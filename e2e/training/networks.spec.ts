import { sampled } from '../support/sampling.ts';
import { expect, test } from '../support/training.ts';

test('loads TensorFlow.js on demand only', async ({ trainingPage: page }) => {
  expect(await page.evaluate(() => 'facenetTensorFlow' in globalThis)).toBe(false);
});

// Sorted by size. NN1 takes more than a gigabyte: 560 MB of weights, and their copy in the backend.
const names = ['nns2', 'nns1', 'nn4', 'nn3', 'nn2', 'inceptionResNetV1', 'nn1'] as const;

for (const name of sampled(names, 1)) {
  test(`${name} embeds a face on WebAssembly`, async ({ trainingPage: page }) => {
    const result = await page.evaluate(async (name) => {
      const { architectures, buildNetwork, figuresOf, startTensorFlow } = globalThis.training;
      const { tf } = await startTensorFlow({ backend: 'wasm', models: '/models/' });
      const architecture = architectures[name];
      const before = tf.memory().numTensors;
      let started = performance.now();
      const network = await buildNetwork(tf, architecture);
      const built = performance.now() - started;
      const bitmap = await createImageBitmap(await photo('/photos/sample1.jpg'));
      const [height, width] = architecture.input;
      const pictures = tf.tidy(() => {
        const pixels = tf.image.resizeBilinear(tf.browser.fromPixels(bitmap), [height, width]);
        const face = tf.div(tf.sub(pixels, 127.5), 128);
        return tf.stack([face, tf.reverse(face, 1)]) as ReturnType<typeof tf.tensor4d>;
      });
      started = performance.now();
      const embeddings = network.embed(pictures);
      const [face = [], mirrored = []] = await embeddings.array();
      const embedded = performance.now() - started;
      const parameters = network.countParameters();
      network.dispose();
      tf.dispose([pictures, embeddings]);
      return {
        parameters,
        described: figuresOf(architecture),
        face,
        mirrored,
        leaked: tf.memory().numTensors - before,
        milliseconds: { built, embedded },
      };
    }, name);
    const { parameters, described, face, mirrored, leaked, milliseconds } = result;
    test.info().annotations.push({ type: 'figures', description: JSON.stringify(milliseconds) });
    expect(parameters).toBe(described.parameters);
    expect([face.length]).toEqual(described.layers.at(-1)?.output);
    for (const embedding of [face, mirrored]) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
    expect(face).not.toEqual(mirrored);
    expect(leaked).toBe(0);
  });
}

test('trainNetwork() trains a small network on WebGL, reports each step and frees its tensors', async ({
  trainingPage: page,
}) => {
  const { steps, leaked } = await page.evaluate(async () => {
    const { buildNetwork, inception, startTensorFlow, trainNetwork } = globalThis.training;
    const { tf } = await startTensorFlow({ backend: 'webgl' });
    const before = tf.memory().numTensors;
    const network = await buildNetwork(tf, {
      name: 'small',
      source: 'this test',
      input: [8, 8, 3],
      layers: [
        inception('module', { one: 4, three: [4, 8], five: [2, 4], pool: 'l2', projected: 4, stride: 1 }),
        { kind: 'response-normalisation', name: 'norm' },
        { kind: 'flattening', name: 'flat' },
        { kind: 'fully-connected', name: 'fc', units: 16, maxout: 2, offset: 'none', activation: 'linear' },
        { kind: 'l2-normalisation', name: 'l2' },
      ],
    });
    const all = tf.randomUniform([6, 8, 8, 3], -1, 1, 'float32', 7) as ReturnType<typeof tf.tensor4d>;
    const optimizer = tf.train.adagrad(0.05);
    const steps: import('../../lib/training/index.ts').NetworkStep[] = [];
    await trainNetwork(
      tf,
      network,
      { labels: [0, 0, 1, 1, 2, 2], pictures: (indices) => tf.gather(all, [...indices]) },
      {
        steps: 15,
        batch: { people: 3, faces: 2 },
        mining: { negatives: 'hardest' },
        optimizer,
        onStep: (step) => steps.push(step),
      },
    );
    network.dispose();
    optimizer.dispose();
    all.dispose();
    return { steps, leaked: tf.memory().numTensors - before };
  });
  const losses = steps.map(({ loss }) => loss);
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  expect(losses.at(-1), losses.join(' ')).toBeLessThan(0.7 * (losses[0] as number));
  expect(leaked).toBe(0);
});

test('rejects an unknown backend, an abort and a missing engine', async ({ trainingPage: page }) => {
  const outcomes = await page.evaluate(async () => {
    const { startTensorFlow } = globalThis.training;
    return [
      await codeOf(startTensorFlow({ backend: 'cuda' as 'wasm' })),
      await codeOf(startTensorFlow({ backend: 'wasm', signal: AbortSignal.abort('enough') })),
      await codeOf(startTensorFlow({ backend: 'wasm', models: '/nowhere/' })),
    ];
  });
  expect(outcomes).toEqual(['option-invalid', 'enough', 'model-missing']);
});

test('trainNetwork() trains NNS2 on WebGL, and reports the loss of each step', { tag: '@long' }, async ({
  trainingPage: page,
}) => {
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
