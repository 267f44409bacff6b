import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fuse } from '../../../../../cli/convert/fusion/fuse.ts';
import { nodesOf } from '../../../../../cli/convert/graph/graph-model.ts';
import { registerOwnOperators } from '../../../../../lib/runtime/tensorflow/own-operators.ts';
import { channels, fuseAndCompare, operators, TestGraph } from './fused-graph.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerOwnOperators(tf);
});

/** Adds an activation and returns its node. `slope` gives the slope times a factor, as a constant. */
type Spelling = (graph: TestGraph, slope: (factor?: number) => string) => string;

const zero = (graph: TestGraph) => graph.constant([], 0);

const preluSpellings: Record<string, Spelling> = {
  'relu(x) − a·relu(−x)': (g, a) => g.op('Sub', g.op('Relu', g.x), g.op('Mul', a(), g.op('Relu', g.op('Neg', g.x)))),
  'relu(x) + (−a)·relu(−x)': (g, a) =>
    g.op('AddV2', g.op('Mul', g.op('Relu', g.op('Neg', g.x)), a(-1)), g.op('Relu', g.x)),
  'relu(x) + (−(a))·relu(−x), with a negated constant': (g, a) =>
    g.op('AddV2', g.op('Relu', g.x), g.op('Mul', g.op('Neg', a()), g.op('Relu', g.op('Neg', g.x)))),
  'relu(x) + c·(x − |x|)': (g, a) =>
    g.op('AddV2', g.op('Relu', g.x), g.op('Mul', a(0.5), g.op('Sub', g.x, g.op('Abs', g.x)))),
  '(x − |x|)·a·0.5 + relu(x)': (g, a) => {
    const negative = g.op('Mul', g.op('Sub', g.x, g.op('Abs', g.x)), a());
    return g.op('Add', g.op('Mul', negative, g.constant([], 0.5)), g.op('Relu', g.x));
  },
  'relu(x) + a·(x − |x|)/2': (g, a) => {
    const negative = g.op('RealDiv', g.op('Sub', g.x, g.op('Abs', g.x)), g.constant([], 2));
    return g.op('AddV2', g.op('Relu', g.x), g.op('Mul', a(), negative));
  },
  'max(x, 0) + a·min(x, 0)': (g, a) =>
    g.op('AddV2', g.op('Maximum', g.x, zero(g)), g.op('Mul', a(), g.op('Minimum', g.x, zero(g)))),
  'min(0, x)·a + max(0, x)': (g, a) =>
    g.op('AddV2', g.op('Mul', g.op('Minimum', zero(g), g.x), a()), g.op('Maximum', zero(g), g.x)),
};

const vectors = [[channels], [1, 1, channels], [1, 1, 1, channels]];
const random = Array.from({ length: channels }, (_, i) => Math.sin(i + 1) / 2);
const ofShape = (graph: TestGraph, shape: number[], slopes: readonly number[]) => (factor: number | undefined) =>
  graph.constant(shape, ...slopes.map((slope) => slope * (factor ?? 1)));

describe('fuse', () => {
  describe.each(Object.entries(preluSpellings))('replaces %s', (_, spelling) => {
    test.each(vectors.map((shape) => [shape]))('creates Prelu for slopes of the shape %j', (shape) => {
      const graph = new TestGraph();
      const fused = fuseAndCompare(graph, spelling(graph, ofShape(graph, shape, random)));
      expect(operators(fused)).toEqual(['Conv2D', 'Prelu']);
    });

    test.each([0.25, -0.5, 1.5])('creates LeakyRelu for the slope %d', (slope) => {
      const graph = new TestGraph();
      const fused = fuseAndCompare(graph, spelling(graph, ofShape(graph, [], [slope])));
      expect(operators(fused)).toEqual(['Conv2D', 'LeakyRelu']);
    });
  });

  test.each<[string, Spelling]>([
    ['max(x, a·x)', (g, a) => g.op('Maximum', g.x, g.op('Mul', a(), g.x))],
    ['max(x·a, x)', (g, a) => g.op('Maximum', g.op('Mul', g.x, a()), g.x)],
  ])('replaces %s by LeakyRelu or Prelu for slopes below 1 only', (_, spelling) => {
    const graphs = [
      [[], [0.1]],
      [[channels], random],
      [[], [1.5]],
    ] as const;
    const fused = graphs.map(([shape, slopes]) => {
      const graph = new TestGraph();
      const output = spelling(graph, ofShape(graph, [...shape], slopes));
      return slopes[0] === 1.5 ? fuse(graph.builder.build(), [output]) : fuseAndCompare(graph, output);
    });
    expect(fused.map(operators)).toEqual([
      ['Conv2D', 'LeakyRelu'],
      ['Conv2D', 'Prelu'],
      ['Conv2D', 'Mul', 'Maximum'],
    ]);
  });

  test.each<[string, string, (graph: TestGraph) => string]>([
    ['max(x, 0)', 'Relu', (g) => g.op('Maximum', g.x, zero(g))],
    [
      '(x + |x|)·0.5 + 0·x',
      'Relu',
      (g) => g.op('AddV2', g.op('Mul', g.op('AddV2', g.x, g.op('Abs', g.x)), g.constant([], 0.5)), zero(g)),
    ],
    ['min(max(x, 0), 6)', 'Relu6', (g) => g.op('Minimum', g.op('Maximum', g.x, zero(g)), g.constant([], 6))],
    [
      'max(min(relu(x), 6), 0)',
      'Relu6',
      (g) => g.op('Maximum', g.op('Minimum', g.op('Relu', g.x), g.constant([], 6)), zero(g)),
    ],
    ['x·sigmoid(x)', 'Swish', (g) => g.op('Mul', g.x, g.op('Sigmoid', g.x))],
    ['sigmoid(x)·x', 'Swish', (g) => g.op('Mul', g.op('Sigmoid', g.x), g.x)],
  ])('replaces %s by %s', (_, op, spelling) => {
    const graph = new TestGraph();
    expect(operators(fuseAndCompare(graph, spelling(graph)))).toEqual(['Conv2D', op]);
  });

  const gate = (g: TestGraph) => g.op('Relu6', g.op('AddV2', g.x, g.constant([], 3)));
  test.each<[string, (graph: TestGraph) => string]>([
    ['x·relu6(x + 3)/6', (g) => g.op('RealDiv', g.op('Mul', g.x, gate(g)), g.constant([], 6))],
    ['x·relu6(x + 3)·(1/6)', (g) => g.op('Mul', g.op('Mul', g.x, gate(g)), g.constant([], 1 / 6))],
    ['(1/6)·relu6(x + 3)·x', (g) => g.op('Mul', g.op('Mul', g.constant([], 1 / 6), gate(g)), g.x)],
    ['x·(relu6(3 + x)/6)', (g) => g.op('Mul', g.x, g.op('RealDiv', gate(g), g.constant([], 6)))],
    ['(x/6)·relu6(x + 3)', (g) => g.op('Mul', g.op('RealDiv', g.x, g.constant([], 6)), gate(g))],
    [
      'x·min(max(x + 3, 0), 6)/6',
      (g) => {
        const sum = g.op('AddV2', g.constant([], 3), g.x);
        const clamped = g.op('Minimum', g.op('Maximum', sum, zero(g)), g.constant([], 6));
        return g.op('RealDiv', g.op('Mul', clamped, g.x), g.constant([], 6));
      },
    ],
  ])('replaces %s by HardSwish', (_, spelling) => {
    const graph = new TestGraph();
    expect(operators(fuseAndCompare(graph, spelling(graph)))).toEqual(['Conv2D', 'HardSwish']);
  });

  test('replaces a swish of a scaled tensor', () => {
    const graph = new TestGraph();
    const scaled = graph.op('Mul', graph.op('Relu', graph.x), graph.constant([], 2));
    const fused = fuse(graph.builder.build(), [graph.op('Mul', scaled, graph.op('Sigmoid', scaled))]);
    expect(operators(fused)).toEqual(['Conv2D', 'Relu', 'Mul', 'Swish']);
  });

  test.each<[string, (graph: TestGraph) => string]>([
    ['x·relu6(x + 3)', (g) => g.op('Mul', g.x, gate(g))],
    [
      'x·relu6(x + 2)/6',
      (g) => {
        const clamped = g.op('Relu6', g.op('AddV2', g.x, g.constant([], 2)));
        return g.op('RealDiv', g.op('Mul', g.x, clamped), g.constant([], 6));
      },
    ],
    ['x·sigmoid(y)', (g) => g.op('Mul', g.x, g.op('Sigmoid', g.op('Relu', g.x)))],
    ['relu(x) + a·relu(−y)', (g) => g.op('AddV2', g.op('Relu', g.x), g.op('Relu', g.op('Neg', g.op('Sigmoid', g.x))))],
    ['min(max(x, 0), 5)', (g) => g.op('Minimum', g.op('Sigmoid', g.x), g.constant([], 5))],
    ['relu(x) + |x|', (g) => g.op('AddV2', g.op('Relu', g.x), g.op('Abs', g.x))],
  ])('leaves %s unchanged', (_, spelling) => {
    const graph = new TestGraph();
    const output = spelling(graph);
    const model = graph.builder.build();
    expect(operators(fuse(model, [output]))).toEqual(operators(model));
  });

  test('keeps the parts of a fused activation that other nodes read', () => {
    const graph = new TestGraph();
    const positive = graph.op('Relu', graph.x);
    const negative = graph.op('Mul', graph.constant([], 0.1), graph.op('Sub', graph.x, graph.op('Abs', graph.x)));
    const output = graph.op('AddV2', graph.op('AddV2', positive, negative), positive);
    expect(operators(fuseAndCompare(graph, output))).toEqual(['Conv2D', 'Relu', 'LeakyRelu', 'AddV2']);
  });

  test('removes the nodes and the weights that the output does not depend on', () => {
    const graph = new TestGraph();
    const output = graph.op('Relu', graph.x);
    graph.op('Softplus', graph.conv2d(graph.x, graph.floats([1, 1, channels, 2], 1)));
    const fused = fuseAndCompare(graph, output);
    expect(nodesOf(fused).map(({ op }) => op)).toEqual(['Placeholder', 'Const', 'Conv2D', 'Relu']);
    expect(fused.weights.byteLength).toBe(4 * 3 * 3 * 3 * channels);
  });
});
