import { expect, test } from '../support/library.ts';

/** What the page knows of facenet-web/training. */
type Training = typeof import('../../lib/training/index.ts');

declare global {
  /** facenet-web/training, as built. */
  var training: Training;
}

test.beforeEach(async ({ page }) => {
  await page.evaluate(async () => {
    const address = '/dist/training.js';
    globalThis.training = (await import(address)) as Training;
  });
});

test('importing it loads no engine', async ({ page }) => {
  expect(await page.evaluate(() => 'facenetTensorFlow' in globalThis)).toBe(false);
});

/** NN1's weights are 560 MB, and the backend packs another copy of them. */
for (const name of ['nn1', 'nn2', 'nn3', 'nn4', 'nns1', 'nns2', 'inceptionResNetV1'] as const) {
  test(`${name} embeds a face in the page`, async ({ page }) => {
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

test('a network learns triplets on a backend that can differentiate convolutions', async ({ page }) => {
  const costs = await page.evaluate(async () => {
    const { buildNetwork, inception, selectTriplets, startTensorFlow, tripletLoss } = globalThis.training;
    const { tf } = await startTensorFlow({ backend: 'webgl' });
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
    const labels = [0, 0, 1, 1, 2, 2];
    const pictures = tf.randomUniform([6, 8, 8, 3], -1, 1, 'float32', 7) as ReturnType<typeof tf.tensor4d>;
    const optimizer = tf.train.adagrad(0.05);
    const costs: number[] = [];
    for (let step = 0; step < 15; step++) {
      const embeddings = network.embed(pictures);
      const rows = ((await embeddings.array()) as number[][]).map((row) => Float32Array.from(row));
      embeddings.dispose();
      const triplets = selectTriplets(rows, labels, { negatives: 'hardest' });
      const cost = optimizer.minimize(
        () => tripletLoss(tf, network.embed(pictures, { training: true }), triplets),
        true,
        network.trained(),
      );
      costs.push((await cost?.data())?.[0] ?? Number.NaN);
      cost?.dispose();
    }
    network.dispose();
    return costs;
  });
  expect(costs.at(-1), costs.join(' ')).toBeLessThan(0.7 * (costs[0] ?? 0));
});

test('starting can be aborted, and an unknown backend is refused', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { startTensorFlow } = globalThis.training;
    const outcome = (options: Parameters<typeof startTensorFlow>[0]) =>
      startTensorFlow(options).then(
        () => 'started',
        (error) => error.code ?? String(error),
      );
    return [
      await outcome({ backend: 'cuda' as 'wasm' }),
      await outcome({ backend: 'wasm', signal: AbortSignal.abort('enough') }),
      await outcome({ backend: 'wasm', models: '/nowhere/' }),
    ];
  });
  expect(outcomes).toEqual(['option-invalid', 'enough', 'model-missing']);
});
