import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchWeights } from '../../../../cli/convert/architectures/match-weights.ts';
import { float16 } from '../../../../cli/convert/graph/float16.ts';
import type { GraphModel, Node } from '../../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../../cli/convert/graph/quantize.ts';
import { type ReadModel, readModel } from '../../../../cli/convert/read-model.ts';
import { readFrozenGraph } from '../../../../cli/convert/readers/frozen-graph.ts';
import {
  inceptionResNetV1,
  inceptionResNetV1Of,
} from '../../../../lib/training/networks/architectures/inception-resnet.ts';
import { buildNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { loadWeights } from '../../../../lib/training/networks/weights.ts';
import { frozenFacenet } from '../../../support/published/frozen-facenet.ts';
import type { GraphDef } from '../../../support/published/graph-def.ts';
import { kerasFacenet, kerasWeightFile } from '../../../support/published/keras-facenet.ts';
import { tfliteFacenet } from '../../../support/published/tflite-facenet.ts';

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(wasm)}/`);
  await tf.setBackend('wasm');
});

/** Noise, and noise that is brighter and paler: a network with random weights tells little else apart. */
const pictures = () =>
  tf.tidy(() => {
    const noise = tf.randomUniform<tf.Rank.R4>([1, 160, 160, 3], -1, 1, 'float32', 11);
    return tf.concat([noise, tf.add(0.6, tf.mul(0.3, tf.reverse(noise, 1)))]) as tf.Tensor4D;
  });

function load({ json, weights }: GraphModel): tf.GraphModel {
  const [{ weights: weightSpecs }] = json.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }];
  const modelTopology = json.modelTopology as object;
  const weightData = new Uint8Array(weights).buffer;
  return tf.loadGraphModelSync({ modelTopology, weightSpecs, weightData }) as unknown as tf.GraphModel;
}

/** What a converted network makes of pictures. */
function embed(converted: GraphModel, { input, outputs }: Pick<ReadModel, 'input' | 'outputs'>): number[][] {
  const model = load(converted);
  const rows = tf.tidy(() => (model.execute({ [input.name]: pictures() }, outputs) as tf.Tensor2D).arraySync());
  model.dispose();
  return rows;
}

/** TensorFlow.js runs the frozen graph itself, both ways of each switch being there, with `phase_train` false. */
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
  const answer = await model.executeAsync({ image_batch: pictures(), phase_train: tf.scalar(false) }, 'embeddings');
  const rows = (answer as tf.Tensor2D).arraySync();
  model.dispose();
  return rows;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const unit = (a: readonly number[]) => a.map((x) => x / Math.sqrt(dot(a, a)));
const cosine = (a: readonly number[] = [], b: readonly number[] = []) => dot(unit(a), unit(b));

/** The same to a ten-thousandth of the vector's length, and not by all pictures' giving one answer. */
function expectSame(actual: readonly number[][], expected: readonly number[][]) {
  expect(actual).toHaveLength(2);
  actual.forEach((row, i) => {
    const wanted = expected[i] as number[];
    expect(row).toHaveLength(wanted.length);
    const difference = Math.hypot(...row.map((x, j) => x - (wanted[j] as number)));
    expect(difference / Math.hypot(...wanted)).toBeLessThan(1e-4);
  });
  expect(cosine(actual[0], actual[1])).toBeLessThan(0.99);
}

const refusal = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'it was not refused',
    (error: Error) => error.message,
  );

describe('David Sandberg’s frozen graph of 2018', () => {
  const graph = frozenFacenet(1);
  const bytes = graph.encode();
  const model = readModel('20180402-114759.pb', bytes, inceptionResNetV1);
  let embeddings: number[][] | undefined;
  const embedded = async () => {
    embeddings ??= embed(await model, await model);
    return embeddings;
  };

  test('as the tests write it, has the operations and parameters that summarize_graph counts in the published one', () => {
    // github.com/nwesem/mtcnn_facenet_cpp_tensorRT, issue 8: of 20180408-102900.
    const count = (op: string) => graph.nodes.filter((node) => node.op === op).length;
    expect(['Switch', 'Merge', 'Sub', 'Mul'].map(count)).toEqual([2019, 449, 449, 248]);
    const control = graph.nodes.flatMap(({ input }) => input.filter((name) => name.startsWith('^')));
    expect(control).toHaveLength(675);
    const parameters = [...graph.constants.values()].reduce((sum, { values }) => sum + values.length, 0);
    expect(parameters).toBe(23_512_505);
  });

  test('gives the embeddings that the graph itself gives, run with phase_train false', async () => {
    const read = await model;
    expect(read).toMatchObject({ format: 'TensorFlow frozen graph', input: { shape: [-1, 160, 160, 3] } });
    expectSame((await embedded()).map(unit), await runFrozen(graph));
  });

  test('has weights that load into the architecture itself, which then gives the same embeddings', async () => {
    const weights = matchWeights(inceptionResNetV1, readFrozenGraph(bytes));
    const network = await buildNetwork(tf, inceptionResNetV1);
    const tensors = [...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])] as const);
    loadWeights(network, Object.fromEntries(tensors));
    const rows = tf.tidy(() => network.embed(pictures()).arraySync());
    network.dispose();
    tf.dispose(tensors.map(([, tensor]) => tensor));
    expectSame(rows, (await embedded()).map(unit));
  });

  test('has one operation for each convolution, and none for batch normalisation, scales or switches', async () => {
    const { node } = (await model).json.modelTopology as { node: { op: string }[] };
    const ops = new Map<string, number>();
    for (const { op } of node) ops.set(op, (ops.get(op) ?? 0) + 1);
    ops.delete('Const');
    expect(Object.fromEntries(ops)).toEqual({
      Placeholder: 1,
      _FusedConv2D: 132,
      MaxPool: 3,
      ConcatV2: 23,
      // 21 residuals, and the bottleneck's offset.
      AddV2: 22,
      Relu: 20,
      Mean: 1,
      MatMul: 1,
    });
  });

  test('as a .tflite file of the same network gives the same embeddings', async () => {
    const read = await model;
    const { node: nodes } = read.json.modelTopology as { node: Node[] };
    const [{ weights: specs }] = read.json.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }];
    const decoded = Object.entries(tf.io.decodeWeights(new Uint8Array(read.weights).buffer, specs));
    const constants = new Map(
      decoded.map(([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync<'float32' | 'int32'>() }]),
    );
    const computed = nodes.map(({ name }) => name).filter((name) => !constants.has(name));
    const loaded = load(read);
    const picture = tf.slice(pictures(), 0, 1);
    const results = loaded.execute({ [read.input.name]: picture }, computed) as tf.Tensor[];
    const shapes = new Map(computed.map((name, i) => [name, results[i]?.shape ?? []]));
    loaded.dispose();
    const lite = await readModel('facenet.tflite', tfliteFacenet(nodes, constants, shapes), undefined);
    expect(lite).toMatchObject({ format: 'TensorFlow Lite', input: { shape: [-1, 160, 160, 3] } });
    expectSame(embed(lite, lite), await embedded());
  });

  test.each([
    ['float16', 47.2e6, 0.9999],
    ['uint8', 24e6, 0.99],
  ] as const)('as %s takes %d bytes at most, and embeds nearly the same', async (rule, most, least) => {
    const read = await model;
    const small = quantize(read, rule);
    expect(read.weights.length).toBeGreaterThan(93.8e6);
    expect(small.weights.length).toBeLessThan(most);
    const before = await embedded();
    embed(small, read).forEach((row, i) => {
      expect(cosine(row, before[i])).toBeGreaterThan(least);
    });
  });

  test('of 128 dimensions, as those of 2017 are, is refused by shape', async () => {
    const old = frozenFacenet(2, 128).encode();
    expect(await refusal(readModel('20170512-110547.pb', old, inceptionResNetV1))).toBe(
      [
        '20170512-110547.pb cannot be converted: Its tensors are not those of Inception-ResNet v1.',
        'misshapen (4):',
        '  InceptionResnetV1/Bottleneck/weights is 1792×128 instead of 1792×512',
        ...['beta', 'moving_mean', 'moving_variance'].map(
          (name) => `  InceptionResnetV1/Bottleneck/BatchNorm/${name} is 128 instead of 512`,
        ),
      ].join('\n'),
    );
  });

  test('with other tensors is refused with all that are missing, surplus and misshapen', async () => {
    const other = frozenFacenet(3);
    const at = (name: string) => other.nodes.findIndex((node) => node.name === `InceptionResnetV1/${name}`);
    other.nodes.splice(at('Repeat/block35_3/Conv2d_1x1/biases'), 1);
    other.nodes.splice(at('Conv2d_1a_3x3/weights'), 1);
    other.constant('InceptionResnetV1/Conv2d_1a_3x3/weights', [3, 3, 1, 32], new Float32Array(288));
    other.constant('InceptionResnetV1/Conv2d_1a_3x3/BatchNorm/gamma', [32], new Float32Array(32));
    // The classifier does no harm.
    other.constant('Logits/weights', [2, 3], new Float32Array(6));
    expect(await refusal(readModel('other.pb', other.encode(), inceptionResNetV1))).toBe(
      [
        'other.pb cannot be converted: Its tensors are not those of Inception-ResNet v1.',
        'missing (1):',
        '  InceptionResnetV1/Repeat/block35_3/Conv2d_1x1/biases',
        'surplus (1):',
        '  InceptionResnetV1/Conv2d_1a_3x3/BatchNorm/gamma',
        'misshapen (1):',
        '  InceptionResnetV1/Conv2d_1a_3x3/weights is 3×3×1×32 instead of 3×3×3×32',
      ].join('\n'),
    );
  });
});

describe.each([
  ['facenet_weights.h5', 128, 'keras-facenet'],
  ['facenet512_weights.h5', 512, 'deepface'],
] as const)('deepface’s %s', (file, dimension, naming) => {
  test(`gives the embeddings of Keras’s model, with the names of ${naming}`, async () => {
    const keras = kerasFacenet(dimension, dimension, naming);
    const read = await readModel(file, await kerasWeightFile(keras), inceptionResNetV1Of(dimension));
    expect(read).toMatchObject({ format: 'Keras weights', input: { shape: [-1, 160, 160, 3] } });
    const expected = tf.tidy(() => (keras.predict(pictures()) as tf.Tensor2D).arraySync());
    keras.dispose();
    expectSame(embed(read, read), expected);
  });
});

describe('Keras’s weights of another layout', () => {
  test('are refused with all that are missing, surplus and misshapen, by Keras’s names', async () => {
    const input = tf.input({ shape: [8, 8, 3] });
    const layer = tf.layers.conv2d({ filters: 16, kernelSize: 3, useBias: true, name: 'Conv2d_1a_3x3' });
    const other = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    const message = await refusal(readModel('other.h5', await kerasWeightFile(other), inceptionResNetV1));
    expect(message).toContain('missing (489):\n  Conv2d_1a_3x3_BatchNorm/beta:0\n');
    expect(message).toContain('  Block17_2_Branch_1_Conv2d_0b_1x7/kernel:0\n');
    expect(message).toContain('  Block8_6_Conv2d_1x1/bias:0\n');
    expect(message).toContain('surplus (1):\n  Conv2d_1a_3x3/bias:0\n');
    expect(message).toContain('misshapen (1):\n  Conv2d_1a_3x3/kernel:0 is 3×3×3×16 instead of 3×3×3×32');
  });
});

describe('what is no model', () => {
  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['text', Buffer.from('Not Found')],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n0000IHDR', 'latin1')],
    ['half an HDF5 file', Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1')],
  ])('is refused in a sentence: %s', async (_, bytes) => {
    expect(await refusal(readModel('file', bytes, inceptionResNetV1))).toMatch(/^file cannot be converted: ./);
  });

  test('and neither are bare weights for a preset without an architecture', async () => {
    const bytes = frozenFacenet(1, 128).encode();
    expect(await refusal(readModel('a.pb', bytes, undefined))).toContain('no architecture');
  });
});

test('float16 has the bits of the nearest half, for each half, between them and beyond them', () => {
  const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
  const spec = { name: 'x', shape: [0x7c00], dtype: 'float32' as const, quantization };
  const halves = Uint16Array.from({ length: 0x7c00 }, (_, i) => i);
  const values = tf.io.decodeWeights(halves.buffer, [spec]).x?.dataSync() as Float32Array;
  const wrong = [...values].flatMap((value, i) => {
    const next = values[i + 1] ?? 65536;
    const even = i % 2 === 0 ? i : i + 1;
    const expected = [i, 0x8000 + i, i, even === 0x7c00 ? 0x7bff : even];
    const actual = [value, -value, value + (next - value) * 0.49, (value + next) / 2].map(float16);
    return `${actual}` === `${expected}` || i === 0 ? [] : [`${value}: ${actual} instead of ${expected}`];
  });
  expect(wrong).toEqual([]);
  expect([0, -0, 1e9, 2 ** -25, 2 ** -24].map(float16)).toEqual([0, 0x8000, 0x7bff, 0, 1]);
});
