import { expect, test } from 'vitest';
import { nodesOf } from '../../../cli/convert/graph/graph-model.ts';
import type { Manifest, ModelDescriptor } from '../../../lib/models/manifest.ts';
import { lowerModel } from '../../../lib/runtime/kernels/lowering/lower-model.ts';
import { readModelFile } from './kernels/support/kernel-files.ts';

const manifest = JSON.parse(new TextDecoder().decode(readModelFile('manifest.json'))) as Manifest;
const descriptor = manifest.models.find(({ name }) => name === 'mobilefacenet') as ModelDescriptor;
const [json, weights] = descriptor.files.map(({ path }) => readModelFile(path)) as [
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
];

test('mobilefacenet has one operator for each PReLU, and no operator that the kernels lack', () => {
  const graph = { json: JSON.parse(new TextDecoder().decode(json)), weights };
  const counts = new Map<string, number>();
  for (const { op } of nodesOf(graph)) counts.set(op, (counts.get(op) ?? 0) + 1);
  counts.delete('Const');
  // The products of quantised filters and their scales, which are evaluated when the model loads.
  counts.delete('Mul');
  expect(Object.fromEntries(counts)).toEqual({
    Placeholder: 1,
    _FusedConv2D: 35,
    FusedDepthwiseConv2dNative: 17,
    Prelu: 33,
    AddV2: 12,
    Reshape: 1,
  });
  // Padding and reshaping are views, and PReLU and sums are part of the convolutions.
  const kinds = new Set(lowerModel(descriptor, { json, weights }).operations.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(['convolution', 'depthwise']);
});
