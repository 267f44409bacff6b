import { expect, test } from 'vitest';
import { readGraphModel } from '../../../lib/runtime/graph-model.ts';
import { readModelFile } from './kernels/support/kernel-files.ts';

test('rejects truncated weights', () => {
  const json = readModelFile('dlib-resnet-34/model.json');
  const weights = readModelFile('dlib-resnet-34/weights.bin');
  expect(readGraphModel({ json, weights }).constants.size).toBeGreaterThan(0);
  for (const length of [weights.length - 1, weights.length / 2, 0]) {
    const truncated = weights.slice(0, length);
    expect(() => readGraphModel({ json, weights: truncated })).toThrow('truncated');
  }
});
