import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fuse } from '../../../../../cli/convert/fusion/fuse.ts';
import type { Attribute } from '../../../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../../../cli/convert/graph/quantize.ts';
import { channels, expectSameOutput, fuseAndCompare, operators, TestGraph } from './fused-graph.ts';

beforeAll(() => tf.setBackend('cpu'));

const base64 = (text: string): Attribute => ({ s: Buffer.from(text).toString('base64') });
const matrixAttributes = { transpose_a: { b: false }, transpose_b: { b: false } };

/** A product with a filter: adds it and returns its node. */
const products: Record<string, (graph: TestGraph) => string> = {
  _FusedConv2D: ({ x }) => x,
  FusedDepthwiseConv2dNative: (g) =>
    g.builder.depthwiseConvolution('depthwise', g.op('Relu', g.x), g.floats([3, 3, channels, 1], 1), 1),
  _FusedMatMul(g) {
    const axes = g.builder.integers('axes', [2], [1, 2]);
    const mean = g.builder.op('mean', 'Mean', [g.x, axes], { keep_dims: { b: false } });
    return g.builder.op('product', 'MatMul', [mean, g.floats([channels, channels], 1)], matrixAttributes);
  },
};

/** Batch normalisation of an operator. */
const normalisation = (op: string) => (g: TestGraph, x: string) => {
  const variance = g.constant([channels], ...Array.from({ length: channels }, (_, i) => 0.1 + i));
  const parameters = [g.floats([channels], 2), g.floats([channels], 1), g.floats([channels], 1), variance];
  return g.builder.op('normalised', op, [x, ...parameters], {
    epsilon: { f: 0.001 },
    is_training: { b: false },
    data_format: base64('NHWC'),
  });
};

type Spelling = (graph: TestGraph, x: string) => string;

const spellings: Record<string, Spelling> = {
  'a scale of each channel': (g, x) => g.op('Mul', x, g.floats([channels], 2)),
  'one scale, on the left': (g, x) => g.op('Mul', g.constant([], 0.17), x),
  'a divisor': (g, x) => g.op('RealDiv', x, g.constant([], 3)),
  'a shift of each channel': (g, x) => g.op('AddV2', x, g.floats([channels], 2)),
  'a shift by BiasAdd': (g, x) => g.op('BiasAdd', x, g.floats([channels], 2)),
  'a subtracted constant': (g, x) => g.op('Sub', x, g.floats([channels], 2)),
  'a difference from a constant': (g, x) => g.op('Sub', g.floats([channels], 2), x),
  'batch normalisation as (x − mean)·scale + offset': (g, x) =>
    g.op('Add', g.op('Mul', g.op('Sub', x, g.floats([channels], 1)), g.floats([channels], 2)), g.floats([channels], 1)),
  'batch normalisation as offset − x·scale': (g, x) =>
    g.op('Sub', g.floats([channels], 1), g.op('Mul', g.floats([channels], 2), x)),
};

describe('fuse', () => {
  describe.each(Object.keys(products))('folds into the filter and bias of %s', (op) => {
    test.each(Object.entries(spellings))('%s', (_, spelling) => {
      const graph = new TestGraph();
      const fused = fuseAndCompare(graph, spelling(graph, products[op]?.(graph) as string));
      expect(operators(fused).at(-1)).toBe(op);
      expect(operators(fused)).not.toContain('Mul');
    });
  });

  test.each(['FusedBatchNorm', 'FusedBatchNormV3'])('folds %s and the bias before it into filter and bias', (op) => {
    for (const product of ['_FusedConv2D', 'FusedDepthwiseConv2dNative']) {
      const graph = new TestGraph();
      const x = products[product]?.(graph) as string;
      const fused = fuseAndCompare(
        graph,
        normalisation(op)(graph, graph.op('BiasAdd', x, graph.floats([channels], 1))),
      );
      expect(operators(fused).at(-1)).toBe(product);
      expect(operators(fused)).not.toContain(op);
    }
  });

  test('folds a scale before an activation, and fuses the activation', () => {
    const graph = new TestGraph();
    const x = normalisation('FusedBatchNormV3')(graph, graph.x);
    const slopes = graph.floats([channels], 0.5);
    const output = graph.op(
      'AddV2',
      graph.op('Relu', x),
      graph.op('Mul', slopes, graph.op('Sub', x, graph.op('Abs', x))),
    );
    expect(operators(fuseAndCompare(graph, output))).toEqual(['_FusedConv2D', 'Prelu']);
  });

  test('folds a scale of a quantised filter as a product of constants, so that the filter keeps its type', () => {
    const graph = new TestGraph();
    const output = graph.op('Mul', graph.x, graph.floats([channels], 2));
    const model = quantize(graph.builder.build(), 'float16');
    const fused = fuse(model, [output]);
    expect(operators(fused)).toEqual(['Mul', '_FusedConv2D']);
    expect(fused.weights.byteLength).toBe(2 * 3 * 3 * 3 * channels + 4 * channels + 4 * channels);
    expectSameOutput(fused, model, output);
  });

  test.each<[string, Spelling]>([
    ['a scale of a tensor that is read twice', (g, x) => g.op('AddV2', g.op('Mul', x, g.floats([channels], 2)), x)],
    ['a scale after an activation', (g, x) => g.op('Mul', g.op('Relu', x), g.floats([channels], 2))],
    ['a scale of pixels', (g, x) => g.op('Mul', x, g.floats([5, 1], 2))],
    ['a constant that adds an axis', (g, x) => g.op('Mul', x, g.floats([1, 1, 1, 1, 1], 2))],
  ])('does not fold %s', (_, spelling) => {
    const graph = new TestGraph();
    const output = spelling(graph, graph.x);
    const model = graph.builder.build();
    expect(operators(fuse(model, [output]))).toEqual(operators(model));
  });

  test('does not fold into an intermediate result that is an output', () => {
    const graph = new TestGraph();
    const scaled = graph.op('Mul', graph.x, graph.floats([channels], 2));
    const model = graph.builder.build();
    expect(operators(fuse(model, [graph.x, scaled]))).toEqual(['Conv2D', 'Mul']);
  });
});
