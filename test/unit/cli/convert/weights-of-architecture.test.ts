import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchWeights } from '../../../../cli/convert/architectures/match-weights.ts';
import { nodesOf } from '../../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../../cli/convert/graph/quantize.ts';
import { type ReadModel, readModel } from '../../../../cli/convert/read-model.ts';
import { readFrozenGraph } from '../../../../cli/convert/readers/frozen-graph.ts';
import { buildNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { loadWeights } from '../../../../lib/training/networks/weights.ts';
import { GraphDef } from '../../../support/published/graph-def.ts';
import { tfliteFacenet } from '../../../support/published/tflite-facenet.ts';
import { expectSameEmbeddings } from './same-embeddings.ts';
import { cosine, embed, frozenWeights, images, load, rejection, smallEmbedder, unit } from './small-embedder.ts';

const architecture = smallEmbedder(32);
const [size] = architecture.input;
const bytes = frozenWeights(architecture, 1).encode();

describe('weights put into an architecture', () => {
  let model: ReadModel;
  let embeddings: number[][];
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = await readModel('small.pb', bytes, architecture);
    embeddings = embed(model, model, size);
  });

  test('give the embeddings of the trainable network with the same weights', async () => {
    const network = await buildNetwork(tf, architecture);
    const weights = matchWeights(architecture, readFrozenGraph(bytes));
    const tensors = [...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])] as const);
    loadWeights(network, Object.fromEntries(tensors));
    const rows = tf.tidy(() => network.embed(images(size)).arraySync());
    network.dispose();
    tf.dispose(tensors.map(([, tensor]) => tensor));
    expectSameEmbeddings(rows, embeddings.map(unit));
  });

  test('give the same embeddings as a .tflite file of the same network', async () => {
    const nodes = nodesOf(model);
    const [{ weights: specs }] = model.json.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }];
    const decoded = Object.entries(tf.io.decodeWeights(new Uint8Array(model.weights).buffer, specs));
    const constants = new Map(
      decoded.map(([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync<'float32' | 'int32'>() }]),
    );
    const computed = nodes.map(({ name }) => name).filter((name) => !constants.has(name));
    const loaded = load(model);
    const results = loaded.execute({ [model.input.name]: tf.slice(images(size), 0, 1) }, computed) as tf.Tensor[];
    const shapes = new Map(computed.map((name, i) => [name, results[i]?.shape ?? []]));
    loaded.dispose();
    const tflite = await readModel('small.tflite', tfliteFacenet(nodes, constants, shapes), undefined);
    expect(tflite).toMatchObject({ format: 'TensorFlow Lite', input: { shape: [-1, size, size, 3] } });
    expectSameEmbeddings(embed(tflite, tflite, size), embeddings);
  });

  test.each([
    ['float16', 2, 0.9999],
    ['uint8', 1, 0.99],
  ] as const)('quantised to %s take %d bytes per product, and give nearly the same embeddings', (rule, size, min) => {
    const small = quantize(model, rule);
    const products = nodesOf(model).filter(({ op }) => op === '_FusedConv2D' || op === 'MatMul').length;
    const [{ weights: specs }] = model.json.weightsManifest as [
      { weights: { name: string; shape: number[]; dtype: string }[] },
    ];
    const count = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
    const matrices = specs.filter(({ shape, dtype }) => dtype === 'float32' && shape.length > 1);
    expect(matrices).toHaveLength(products);
    const values = matrices.reduce((sum, { shape }) => sum + count(shape), 0);
    const scales = rule === 'uint8' ? matrices.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0) : 0;
    expect(small.weights.length).toBe(model.weights.length - 4 * values + size * values + 4 * scales);
    embed(small, model, architecture.input[0]).forEach((row, i) => {
      expect(cosine(row, embeddings[i])).toBeGreaterThan(min);
    });
  });

  test('are rejected with the mismatched shapes for another dimension', async () => {
    const other = frozenWeights(smallEmbedder(8), 2).encode();
    expect(await rejection(readModel('other.pb', other, architecture))).toBe(
      [
        'other.pb cannot be converted: Its tensors are not those of small embedder.',
        'misshapen (4):',
        '  Small/Bottleneck/weights is 16×8 instead of 16×32',
        ...['beta', 'moving_mean', 'moving_variance'].map(
          (name) => `  Small/Bottleneck/BatchNorm/${name} is 8 instead of 32`,
        ),
      ].join('\n'),
    );
  });

  test('are rejected for another network with all missing, surplus and misshapen tensors', async () => {
    const other = frozenWeights(architecture, 3);
    const at = (name: string) => other.nodes.findIndex((node) => node.name === `Small/${name}`);
    other.nodes.splice(at('block/Conv2d_1x1/biases'), 1);
    other.nodes.splice(at('Conv2d_1a/weights'), 1);
    other.constant('Small/Conv2d_1a/weights', [3, 3, 1, 16], new Float32Array(144));
    other.constant('Small/Conv2d_1a/BatchNorm/gamma', [16], new Float32Array(16));
    // The classifier is ignored.
    other.constant('Logits/weights', [2, 3], new Float32Array(6));
    expect(await rejection(readModel('other.pb', other.encode(), architecture))).toBe(
      [
        'other.pb cannot be converted: Its tensors are not those of small embedder.',
        'missing (1):',
        '  Small/block/Conv2d_1x1/biases',
        'surplus (1):',
        '  Small/Conv2d_1a/BatchNorm/gamma',
        'misshapen (1):',
        '  Small/Conv2d_1a/weights is 3×3×1×16 instead of 3×3×3×16',
      ].join('\n'),
    );
  });

  test('are rejected for a preset without an architecture', async () => {
    expect(await rejection(readModel('a.pb', bytes, undefined))).toContain('no architecture');
  });
});

describe('a file of an unknown format', () => {
  test.each([
    ['no bytes', Buffer.alloc(0), /^file cannot be converted: ./],
    ['text', Buffer.from('Not Found'), /^file is a text, which is not read: ./],
    ['an image', Buffer.from('\x89PNG\r\n\x1a\n0000IHDR', 'latin1'), /^file cannot be converted: ./],
    ['half an HDF5 file', Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1'), /^file cannot be converted: ./],
  ])('is rejected with its path: %s', async (_, bytes, message) => {
    expect(await rejection(readModel('file', bytes, architecture))).toMatch(message);
  });
});

test('a frozen graph whose constants claim more values together than any network has is refused', () => {
  const graph = new GraphDef();
  // Each constant is below the limit, and repeats its one value.
  for (let i = 0; i < 5; i++) graph.constant(`layer${i}/weights`, [1 << 24], [1]);
  expect(() => readFrozenGraph(graph.encode())).toThrow('is damaged');
});
