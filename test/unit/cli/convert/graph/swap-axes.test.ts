import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../../../cli/convert/graph/graph-builder.ts';
import type { GraphModel } from '../../../../../cli/convert/graph/graph-model.ts';
import { storedWeights } from '../../../../../cli/convert/graph/stored-weights.ts';
import { swapAxes } from '../../../../../cli/convert/graph/swap-axes.ts';

const counted = (...shape: number[]) => Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);

/** A convolution and a matrix product of an image of two channels. @param rows the rows of the matrix. */
function network(filter: [height: number, width: number], rows: number): GraphModel {
  const graph = new GraphBuilder();
  const image = graph.input('image', [-1, 2, 2, 1]);
  const weights = graph.floats('filter', [...filter, 1, 2], counted(...filter, 2));
  const features = graph.convolution('features', image, weights, graph.floats('bias', [2], [0, 0]));
  const flat = graph.op('flat', 'Reshape', [features, graph.integers('shape', [2], [-1, rows])]);
  graph.op('y', 'MatMul', [flat, graph.floats('matrix', [rows, 1], counted(rows))]);
  return graph.build();
}

test('swaps rows and columns of a square filter and of the image before a matrix product', () => {
  const swapped = new Map(
    storedWeights(swapAxes(network([2, 2], 8))).map(({ entry, bytes }) => [
      entry.name,
      [...new Float32Array(bytes.slice().buffer)],
    ]),
  );
  expect(swapped.get('filter')).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
  expect(swapped.get('matrix')).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
});

test('refuses a filter that is not square, and an image before a matrix product that is not', () => {
  expect(() => swapAxes(network([1, 3], 8))).toThrow('the filter filter is 1×3');
  expect(() => swapAxes(network([2, 2], 12))).toThrow('the image before the matrix matrix is not square');
});
