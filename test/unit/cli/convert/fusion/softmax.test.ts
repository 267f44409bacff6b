import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fuse } from '../../../../../cli/convert/fusion/fuse.ts';
import { registerOwnOperators } from '../../../../../lib/runtime/tensorflow/own-operators.ts';
import { expectSameOutput, fuseAndCompare, operators, TestGraph } from './fused-graph.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerOwnOperators(tf);
});

/** Adds a reduction along an axis. */
function reduced(graph: TestGraph, op: 'Max' | 'Sum', x: string, axis: number, keepsAxis = true): string {
  const axes = graph.builder.integers(`${op}/axes`, [], [axis]);
  return graph.builder.op(op, op, [x, axes], { keep_dims: { b: keepsAxis } });
}

describe('fuse', () => {
  test.each([
    ['the last axis by its number', 3],
    ['the last axis as −1', -1],
  ])('replaces exp(x − max x) / Σ exp(x − max x) by Softmax, with %s', (_, axis) => {
    const graph = new TestGraph();
    const exponentials = graph.op('Exp', graph.op('Sub', graph.x, reduced(graph, 'Max', graph.x, axis)));
    const output = graph.op('RealDiv', exponentials, reduced(graph, 'Sum', exponentials, axis));
    expect(operators(fuseAndCompare(graph, output))).toEqual(['Conv2D', 'Softmax']);
  });

  test('replaces exp(x) / Σ exp(x) by Softmax', () => {
    const graph = new TestGraph();
    const exponentials = graph.op('Exp', graph.x);
    const output = graph.op('RealDiv', exponentials, reduced(graph, 'Sum', exponentials, -1));
    expect(operators(fuseAndCompare(graph, output))).toEqual(['Conv2D', 'Softmax']);
  });

  test('fuses the exponentials of a difference with another tensor as they are', () => {
    const graph = new TestGraph();
    const exponentials = graph.op('Exp', graph.op('Sub', graph.x, graph.op('Relu', graph.x)));
    const output = graph.op('RealDiv', exponentials, reduced(graph, 'Sum', exponentials, -1));
    const model = graph.builder.build();
    const fused = fuse(model, [output]);
    expect(operators(fused)).toEqual(['Conv2D', 'Relu', 'Sub', 'Softmax']);
    expectSameOutput(fused, model, output);
  });

  test.each<[string, (graph: TestGraph, exponentials: string) => string]>([
    ['along another axis', (graph, exponentials) => reduced(graph, 'Sum', exponentials, 2)],
    ['of another tensor', (graph) => reduced(graph, 'Sum', graph.x, -1)],
    ['that drops its axis', (graph, exponentials) => reduced(graph, 'Sum', exponentials, 0, false)],
  ])('leaves a division by a sum %s unchanged', (_, divisor) => {
    const graph = new TestGraph();
    const exponentials = graph.op('Exp', graph.x);
    const output = graph.op('RealDiv', exponentials, divisor(graph, exponentials));
    expect(operators(fuse(graph.builder.build(), [output]))).toEqual(['Conv2D', 'Exp', 'Sum', 'RealDiv']);
  });
});
