import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import type { Manifest, ModelDescriptor } from '../../../../lib/models/manifest.ts';
import { readGraphModel } from '../../../../lib/runtime/graph-model.ts';
import { selfCheckPixels, toInput } from '../../../../lib/runtime/preprocess.ts';
import type { ModelFiles } from '../../../../lib/runtime/runtime.ts';
import type { TensorFlow } from '../../../../lib/runtime/tensorflow/tensorflow.ts';
import { artifactsOf } from '../../../../lib/runtime/tensorflow/tensorflow-runner.ts';

const models = new URL('../../../../public/models/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;

/** Reads a prepared graph model. */
function load(name: string) {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(new URL(`${name}/model.json`, models), 'utf8'));
  const specs = weightsManifest[0].weights as tf.io.WeightsManifestEntry[];
  const data = new Uint8Array(readFileSync(new URL(`${name}/weights.bin`, models))).buffer;
  return { modelTopology, specs, data };
}

/** Runs a model on preprocessed values, [images × height × width × 3]. */
function run(
  model: Pick<tf.GraphModel, 'execute'>,
  { input, outputs, preprocessing }: ModelDescriptor,
  values: Float32Array,
) {
  const { width, height } = preprocessing;
  return tf.tidy(() => {
    const x = tf.tensor4d(values, [values.length / (width * height * 3), height, width, 3]);
    const answers = [
      model.execute(
        { [input.name]: x },
        outputs.map(({ name }) => name),
      ),
    ].flat();
    return answers.map((answer) => ({ shape: answer.shape, values: answer.dataSync() as Float32Array }));
  });
}
const graphOf = (name: string) => {
  const { modelTopology, specs, data } = load(name);
  return tf.loadGraphModelSync({ modelTopology, weightSpecs: specs, weightData: data });
};

const maxDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] ?? Number.NaN))), 0);

describe('the prepared networks', () => {
  beforeAll(async () => {
    tf.enableProdMode();
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
  });
  const onTfjs = manifest.models.filter(({ engine }) => engine === 'tfjs');

  test.each(onTfjs.map((model) => [model.name, model] as const))(
    '%s gives outputs of the stated shapes, with the values of its self-check',
    (name, model) => {
      const answers = run(graphOf(name), model, toInput([selfCheckPixels(model.preprocessing)], model.preprocessing));
      expect(answers.map(({ shape }) => shape)).toEqual(model.outputs.map(({ shape }) => [1, ...shape.slice(1)]));
      answers.forEach(({ values }, i) => {
        const check = model.selfCheck?.[i];
        expect(check).toBeDefined();
        check?.values.forEach((expected, j) => {
          expect(Math.abs((values[j * check.stride] as number) - expected)).toBeLessThan(check.tolerance);
        });
      });
    },
  );

  test.each(['blazeface-short', 'face-api-68'])(
    '%s gives the same outputs for an image alone and in a batch',
    (name) => {
      const model = manifest.models.find((candidate) => candidate.name === name) as ModelDescriptor;
      const { width, height } = model.preprocessing;
      const random = seeded(31);
      const noise = { width, height, data: new Uint8ClampedArray(width * height * 4).map(() => random() * 256) };
      const images = [selfCheckPixels(model.preprocessing), noise];
      const graph = graphOf(name);
      const together = run(graph, model, toInput(images, model.preprocessing));
      images.forEach((image, i) => {
        run(graph, model, toInput([image], model.preprocessing)).forEach(({ values }, output) => {
          const both = together[output]?.values as Float32Array;
          expect(maxDifference(values, both.slice(i * values.length, (i + 1) * values.length))).toBeLessThan(1e-4);
        });
      });
    },
  );

  test('folding the weights when loading changes the outputs of dlib-resnet-34 by rounding errors only', async () => {
    const model = manifest.models.find(({ name }) => name === 'dlib-resnet-34') as ModelDescriptor;
    const input = toInput([selfCheckPixels(model.preprocessing)], model.preprocessing);
    const [plain] = run(graphOf(model.name), model, input);
    const [json, weights] = model.files.map(({ path }) => new Uint8Array(readFileSync(new URL(path, models))));
    const multiplications = load(model.name).modelTopology.node.filter(({ op }: { op: string }) => op === 'Mul');
    expect(multiplications.length).toBeGreaterThan(25);
    const graph = readGraphModel({ json, weights } as ModelFiles);
    expect(graph.nodes.filter(({ op }) => op === 'Mul')).toEqual([]);
    const artifacts = artifactsOf(tf as unknown as TensorFlow, graph);
    const [expanded] = run(tf.loadGraphModelSync(artifacts), model, input);
    expect(plain?.values).toHaveLength(128);
    expect(maxDifference(plain?.values as Float32Array, expanded?.values as Float32Array)).toBeLessThan(1e-5);
  });
});
