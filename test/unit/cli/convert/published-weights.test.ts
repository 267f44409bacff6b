import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodesOf } from '../../../../cli/convert/graph/graph-model.ts';
import { type ReadModel, readModel } from '../../../../cli/convert/read-model.ts';
import { readKerasWeights } from '../../../../cli/convert/readers/keras-weights.ts';
import {
  inceptionResNetV1,
  inceptionResNetV1Of,
} from '../../../../lib/training/networks/architectures/inception-resnet.ts';
import { operationsOf } from '../../../../lib/training/networks/operations.ts';
import { frozenFacenet } from '../../../support/published/frozen-facenet.ts';
import type { GraphDef } from '../../../support/published/graph-def.ts';
import { kerasFacenet, kerasWeightFile, weightNames } from '../../../support/published/keras-facenet.ts';
import { expectSameEmbeddings } from './same-embeddings.ts';
import { embed, images, rejection, unit } from './small-embedder.ts';

/** The side of the images in pixels. */
const size = 160;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(wasm)}/`);
  await tf.setBackend('wasm');
});

/** The embeddings of the frozen graph itself, run by TensorFlow.js with both branches of each switch and `phase_train` false. */
async function runFrozen(graph: GraphDef): Promise<number[][]> {
  const entries = [...graph.constants].map(([name, { shape, dtype, values }]) => {
    const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
    return { spec: { name, shape: [...shape], dtype }, bytes: typed.buffer };
  });
  const model = tf.loadGraphModelSync({
    modelTopology: graph.topology(),
    weightSpecs: entries.map(({ spec }) => spec),
    weightData: entries.map(({ bytes }) => bytes),
  });
  const inputs = { image_batch: images(size), phase_train: tf.scalar(false) };
  const answer = await model.executeAsync(inputs, 'embeddings');
  const rows = (answer as tf.Tensor2D).arraySync();
  model.dispose();
  return rows;
}

describe('the frozen graph of David Sandberg’s facenet of 2018', () => {
  let graph: GraphDef;
  let model: ReadModel;
  beforeAll(async () => {
    graph = frozenFacenet(1);
    model = await readModel('20180402-114759.pb', graph.encode(), inceptionResNetV1);
  });

  test('the generated graph has the operation and parameter counts that summarize_graph reports for the published model', () => {
    // The counts are for the model 20180408-102900: https://github.com/nwesem/mtcnn_facenet_cpp_tensorRT/issues/8. They apply here
    // because both published models have the same architecture.
    const count = (op: string) => graph.nodes.filter((node) => node.op === op).length;
    expect(['Switch', 'Merge', 'Sub', 'Mul'].map(count)).toEqual([2019, 449, 449, 248]);
    const control = graph.nodes.flatMap(({ input }) => input.filter((name) => name.startsWith('^')));
    expect(control).toHaveLength(675);
    const parameters = [...graph.constants.values()].reduce((sum, { values }) => sum + values.length, 0);
    expect(parameters).toBe(23_512_505);
  });

  test('is converted to a network with the same embeddings as the graph with phase_train false', async () => {
    expect(model).toMatchObject({ format: 'TensorFlow frozen graph', input: { shape: [-1, size, size, 3] } });
    expectSameEmbeddings(embed(model, model, size).map(unit), await runFrozen(graph));
  });

  test('is converted to one operation per convolution, without batch normalisation, scales and switches', () => {
    const ops = new Map<string, number>();
    for (const { op } of nodesOf(model)) ops.set(op, (ops.get(op) ?? 0) + 1);
    ops.delete('Const');
    expect(Object.fromEntries(ops)).toEqual({
      Placeholder: 1,
      _FusedConv2D: 132,
      MaxPool: 3,
      ConcatV2: 23,
      // 21 residuals, and the bottleneck's bias.
      AddV2: 22,
      Relu: 20,
      Mean: 1,
      MatMul: 1,
    });
  });
});

describe('Keras weights of deepface', () => {
  const architecture = inceptionResNetV1Of(128);

  const namesIn = (model: tf.LayersModel) => model.layers.flatMap(weightNames);

  test('give the embeddings of the Keras model, and have the same layers under deepface’s names', async () => {
    const keras = kerasFacenet(1, 128, 'keras-facenet');
    const file = await kerasWeightFile(keras);
    const read = await readModel('facenet_weights.h5', file, architecture);
    expect(read).toMatchObject({ format: 'Keras weights', input: { shape: [-1, size, size, 3] } });
    const expected = tf.tidy(() => (keras.predict(images(size)) as tf.Tensor2D).arraySync());
    expectSameEmbeddings(embed(read, read, size), expected);

    const deepface = kerasFacenet(1, 128, 'deepface');
    const [names, deepfaceNames] = [namesIn(keras), namesIn(deepface)];
    expect(deepfaceNames).not.toEqual(names);
    const { namesOf } = readKerasWeights(file);
    for (const { name } of operationsOf(architecture).flatMap(({ weights }) => weights)) {
      const candidates = namesOf(name);
      const index = names.findIndex((each) => candidates.includes(each));
      expect(index, name).toBeGreaterThanOrEqual(0);
      expect(
        deepfaceNames.findIndex((each) => candidates.includes(each)),
        name,
      ).toBe(index);
    }
    for (const model of [keras, deepface]) model.dispose();
  });

  test('are rejected for another layout with all missing, surplus and misshapen tensors, by their names in Keras', async () => {
    const input = tf.input({ shape: [8, 8, 3] });
    const layer = tf.layers.conv2d({ filters: 16, kernelSize: 3, useBias: true, name: 'Conv2d_1a_3x3' });
    const other = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    const message = await rejection(readModel('other.h5', await kerasWeightFile(other), inceptionResNetV1));
    expect(message).toContain('missing (489):\n  Conv2d_1a_3x3_BatchNorm/beta:0\n');
    expect(message).toContain('  Block17_2_Branch_1_Conv2d_0b_1x7/kernel:0\n');
    expect(message).toContain('  Block8_6_Conv2d_1x1/bias:0\n');
    expect(message).toContain('surplus (1):\n  Conv2d_1a_3x3/bias:0\n');
    expect(message).toContain('misshapen (1):\n  Conv2d_1a_3x3/kernel:0 is 3×3×3×16 instead of 3×3×3×32');
  });
});
