import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { writeOnnx } from '../../../support/published/onnx-writer.ts';
import {
  expectSameOutput,
  floats,
  int64,
  noise,
  type OnnxCase,
  scalar,
  single,
} from './support/compare-with-onnx-runtime.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const resize = (attributes: Record<string, string>, sizes: [number, number], opset = 13): OnnxCase => ({
  nodes: [{ op: 'Resize', inputs: ['x', 'roi', 'scales', 'sizes'], output: 'y', attributes }],
  tensors: { roi: floats(), scales: floats(), sizes: int64(1, 3, ...sizes) },
  opset,
});
const scaled = (attributes: Record<string, string>, ...factors: [number, number]): OnnxCase => ({
  nodes: [{ op: 'Resize', inputs: ['x', '', 'scales'], output: 'y', attributes }],
  tensors: { scales: floats(1, 1, ...factors) },
});
const linear = (coordinates: string) => ({ mode: 'linear', coordinate_transformation_mode: coordinates });
const nearest = (coordinates: string, rounding: string) => ({
  mode: 'nearest',
  coordinate_transformation_mode: coordinates,
  nearest_mode: rounding,
});

const cases: Record<string, OnnxCase> = {
  'Flatten of the image before a product': {
    nodes: [
      { op: 'Flatten', inputs: ['x'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'w', 'b'], output: 'y', attributes: { transB: 1, alpha: { float: 0.5 } } },
    ],
    tensors: { w: noise(5, 192), b: noise(5) },
  },
  'a softmax and a product after a transposed flattening': {
    nodes: [
      { op: 'Softmax', inputs: ['x'], output: 's', attributes: { axis: 1 } },
      { op: 'Flatten', inputs: ['s'], output: 'f' },
      { op: 'MatMul', inputs: ['f', 'w'], output: 'y' },
    ],
    tensors: { w: noise(192, 5) },
  },
  'Reshape with 0 and −1': single('Reshape', {}, { s: int64(0, 3, -1) }),
  'Reshape and Transpose of a channel shuffle': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c' },
      { op: 'Reshape', inputs: ['c', 'in'], output: 'r' },
      { op: 'Transpose', inputs: ['r'], output: 't', attributes: { perm: [0, 2, 1, 3, 4] } },
      { op: 'Reshape', inputs: ['t', 'out'], output: 'y' },
    ],
    tensors: { w: noise(6, 3, 1, 1), in: int64(1, 2, 3, 8, 8), out: int64(1, 6, 8, 8) },
  },
  'attention: a product of two tensors that depend on the image': {
    nodes: [
      { op: 'Reshape', inputs: ['x', 'rows'], output: 'k' },
      { op: 'Transpose', inputs: ['k'], output: 't', attributes: { perm: [0, 2, 1] } },
      { op: 'MatMul', inputs: ['k', 't'], output: 'm' },
      { op: 'Softmax', inputs: ['m'], output: 's', attributes: { axis: -1 } },
      { op: 'MatMul', inputs: ['s', 'k'], output: 'y' },
    ],
    tensors: { rows: int64(1, 3, 64) },
    missing: ['BatchMatMulV2'],
  },
  'Transpose to NHWC': single('Transpose', { perm: [0, 2, 3, 1] }),
  'Squeeze and Unsqueeze with axes that are attributes': {
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['x'], output: 'g' },
      { op: 'Squeeze', inputs: ['g'], output: 's', attributes: { axes: [2, 3] } },
      { op: 'Unsqueeze', inputs: ['s'], output: 'y', attributes: { axes: [1] } },
    ],
    opset: 11,
  },
  'Squeeze and Unsqueeze with axes that are inputs': {
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['x'], output: 'g' },
      { op: 'Squeeze', inputs: ['g', 'last'], output: 's' },
      { op: 'Unsqueeze', inputs: ['s', 'first'], output: 'y' },
    ],
    tensors: { last: int64(-1, -2), first: int64(1) },
  },
  'Concat along the channels': {
    nodes: [
      { op: 'Relu', inputs: ['x'], output: 'r' },
      { op: 'Concat', inputs: ['x', 'r'], output: 'y', attributes: { axis: 1 } },
    ],
  },
  'Concat along the height': {
    nodes: [
      { op: 'Relu', inputs: ['x'], output: 'r' },
      { op: 'Concat', inputs: ['r', 'x'], output: 'y', attributes: { axis: -2 } },
    ],
  },
  'Slice with attributes': single('Slice', { starts: [1, 2], ends: [3, 7], axes: [1, 3] }, {}, { opset: 9 }),
  'Slice with steps, negative limits and ends beyond the axis': single(
    'Slice',
    {},
    { starts: int64(0, -7), ends: int64(9e9, -1), axes: int64(2, 3), steps: int64(2, 3) },
  ),
  'the Focus layer of YOLO': {
    nodes: [
      { op: 'Slice', inputs: ['x', 'zero', 'end', 'rows', 'two'], output: 'a' },
      { op: 'Slice', inputs: ['x', 'one', 'end', 'rows', 'two'], output: 'b' },
      { op: 'Concat', inputs: ['a', 'b'], output: 'y', attributes: { axis: 1 } },
    ],
    tensors: { zero: int64(0), one: int64(1), end: int64(9e9), rows: int64(2), two: int64(2) },
  },
  'Split into equal parts': {
    nodes: [
      { op: 'Split', inputs: ['x'], output: 'a', furtherOutputs: ['b'], attributes: { axis: 2 } },
      { op: 'Sub', inputs: ['a', 'b'], output: 'y' },
    ],
  },
  'Split with sizes that are an input': {
    nodes: [
      { op: 'Split', inputs: ['x', 'sizes'], output: 'a', furtherOutputs: ['b'], attributes: { axis: 1 } },
      { op: 'Mul', inputs: ['a', 'b'], output: 'y' },
    ],
    tensors: { sizes: int64(1, 2) },
  },
  'Split with sizes that are an attribute': {
    nodes: [
      { op: 'Split', inputs: ['x'], output: 'a', furtherOutputs: ['y'], attributes: { axis: 1, split: [2, 1] } },
      { op: 'Relu', inputs: ['a'], output: 'unused' },
    ],
    opset: 11,
  },
  'Gather of one index': single('Gather', { axis: 1 }, { i: { shape: [], integers: [-1] } }),
  'Gather of evenly spaced indices': single('Gather', { axis: 3 }, { i: int64(0, 2, 4) }),
  'Pad with attributes': single('Pad', { pads: [0, 0, 1, 2, 0, 0, 3, 0] }, {}, { opset: 9 }),
  'Pad with inputs, before a Conv': {
    nodes: [
      { op: 'Pad', inputs: ['x', 'p'], output: 'q' },
      { op: 'Conv', inputs: ['q', 'w'], output: 'y' },
    ],
    tensors: { p: int64(0, 0, 1, 2, 0, 0, 3, 0), w: noise(4, 3, 3, 3) },
  },
  'Pad after the channels': single('Pad', {}, { p: int64(0, 0, 0, 0, 0, 2, 0, 0) }),
  'Pad with a value': single('Pad', {}, { p: int64(0, 0, 1, 1, 0, 0, 1, 1), v: scalar(0.5) }, { missing: ['PadV2'] }),
  'Pad that reflects': single(
    'Pad',
    { mode: 'reflect' },
    { p: int64(0, 0, 1, 2, 0, 0, 3, 0) },
    { missing: ['MirrorPad'] },
  ),
  'arithmetic on shapes': {
    nodes: [
      { op: 'Shape', inputs: ['x'], output: 'shape' },
      { op: 'Gather', inputs: ['shape', 'zero'], output: 'n', attributes: { axis: 0 } },
      { op: 'Cast', inputs: ['n'], output: 'float', attributes: { to: 1 } },
      { op: 'Cast', inputs: ['float'], output: 'back', attributes: { to: 7 } },
      { op: 'Unsqueeze', inputs: ['back', 'zero1'], output: 'first' },
      { op: 'Concat', inputs: ['first', 'rest'], output: 'target', attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'target'], output: 'y' },
    ],
    tensors: { zero: { shape: [], integers: [0] }, zero1: int64(0), rest: int64(-1) },
  },
  'ConstantOfShape of the shape of the image': {
    nodes: [
      { op: 'Shape', inputs: ['x'], output: 'shape' },
      {
        op: 'ConstantOfShape',
        inputs: ['shape'],
        output: 'c',
        attributes: { value: { tensor: { shape: [1], floats: [0.25] } } },
      },
      { op: 'Add', inputs: ['x', 'c'], output: 'y' },
    ],
  },
  'ConstantOfShape without a value': {
    nodes: [
      { op: 'ConstantOfShape', inputs: ['s'], output: 'c' },
      { op: 'Max', inputs: ['x', 'c'], output: 'y' },
    ],
    tensors: { s: int64(3, 1, 1) },
  },
  'the positions of EdgeNeXt: sums, sines and a product of constants': {
    nodes: [
      {
        op: 'ConstantOfShape',
        inputs: ['size'],
        output: 'o',
        attributes: { value: { tensor: { shape: [1], floats: [1] } } },
      },
      { op: 'CumSum', inputs: ['o', 'rows'], output: 'r' },
      { op: 'CumSum', inputs: ['o', 'columns'], output: 'c' },
      { op: 'Sin', inputs: ['r'], output: 's' },
      { op: 'Cos', inputs: ['c'], output: 't' },
      { op: 'Concat', inputs: ['s', 't'], output: 'p', attributes: { axis: 1 } },
      { op: 'Conv', inputs: ['p', 'w', 'b'], output: 'e' },
      { op: 'Add', inputs: ['x', 'e'], output: 'y' },
    ],
    tensors: {
      size: int64(1, 1, 8, 8),
      rows: { shape: [], integers: [2] },
      columns: { shape: [], integers: [3] },
      w: noise(3, 2, 1, 1),
      b: noise(3),
    },
  },
  'Constant with a tensor, a float and floats': {
    nodes: [
      {
        op: 'Constant',
        inputs: [],
        output: 'a',
        attributes: { value: { tensor: { shape: [3, 1, 1], floats: [1, 2, 3] } } },
      },
      { op: 'Constant', inputs: [], output: 'b', attributes: { value_float: { float: 0.5 } } },
      { op: 'Constant', inputs: [], output: 'c', attributes: { value_floats: { floats: [1, 2, 3, 4, 5, 6, 7, 8] } } },
      { op: 'Mul', inputs: ['x', 'a'], output: 'm' },
      { op: 'Sub', inputs: ['m', 'b'], output: 's' },
      { op: 'Add', inputs: ['s', 'c'], output: 'y' },
    ],
  },
  'Identity, Dropout and Cast of the image': {
    nodes: [
      { op: 'Identity', inputs: ['x'], output: 'i' },
      { op: 'Dropout', inputs: ['i'], output: 'd' },
      { op: 'Cast', inputs: ['d'], output: 'c', attributes: { to: 1 } },
      { op: 'Relu', inputs: ['c'], output: 'y' },
    ],
  },
  'Resize linear, half_pixel, larger': resize(linear('half_pixel'), [13, 16]),
  'Resize linear, half_pixel, smaller': resize(linear('half_pixel'), [5, 4]),
  'Resize linear, pytorch_half_pixel': resize(linear('pytorch_half_pixel'), [13, 5]),
  'Resize linear, align_corners': resize(linear('align_corners'), [13, 5]),
  'Resize linear, asymmetric': resize(linear('asymmetric'), [16, 12]),
  'Resize linear by factors': scaled(linear('half_pixel'), 2, 1.5),
  'Resize nearest, asymmetric, floor': resize(nearest('asymmetric', 'floor'), [13, 5]),
  'Resize nearest, half_pixel, by whole factors': scaled(nearest('half_pixel', 'round_prefer_floor'), 2, 3),
  'Resize nearest, half_pixel, round_prefer_ceil': resize(nearest('half_pixel', 'round_prefer_ceil'), [13, 5]),
  'Resize nearest, align_corners, round_prefer_ceil': resize(nearest('align_corners', 'round_prefer_ceil'), [13, 5]),
  'Resize of operator set 10': {
    nodes: [{ op: 'Resize', inputs: ['x', 's'], output: 'y', attributes: { mode: 'linear' } }],
    tensors: { s: floats(1, 1, 2, 2) },
    opset: 10,
  },
  'Upsample with an input': {
    nodes: [{ op: 'Upsample', inputs: ['x', 's'], output: 'y', attributes: { mode: 'nearest' } }],
    tensors: { s: floats(1, 1, 2, 3) },
    opset: 9,
  },
  'Upsample linear with an attribute': {
    nodes: [
      { op: 'Upsample', inputs: ['x'], output: 'y', attributes: { mode: 'linear', scales: { floats: [1, 1, 2, 2] } } },
    ],
    opset: 7,
  },
};

test.each(Object.entries(cases))('%s has the output of ONNX Runtime Web', (_, each) => expectSameOutput(each));

test.each<[string, OnnxCase, RegExp]>([
  ['a Gather of uneven indices', single('Gather', { axis: 1 }, { i: int64(0, 2, 1) }), /indices that are not evenly/],
  [
    'a Slice with a negative step',
    single('Slice', {}, { s: int64(7), e: int64(0), a: int64(2), t: int64(-1) }),
    /negative/,
  ],
  ['a cubic Resize', resize({ mode: 'cubic' }, [16, 16]), /the mode cubic/],
  ['a Resize with tf_crop_and_resize', resize(linear('tf_crop_and_resize'), [16, 16]), /tf_crop_and_resize/],
  [
    'a Resize to nearest pixels with halves downwards',
    resize(nearest('half_pixel', 'round_prefer_floor'), [13, 5]),
    /half_pixel and round_prefer_floor/,
  ],
  [
    'a Pad that repeats the edge',
    single('Pad', { mode: 'edge' }, { p: int64(0, 0, 1, 1, 0, 0, 1, 1) }),
    /the mode edge/,
  ],
  ['the norm L1', single('LpNormalization', { p: 1 }), /the norm L1/],
])('refuses %s with the operator and its place', async (_, { nodes, tensors = {}, opset = 13 }, message) => {
  const call = readModel('small.onnx', writeOnnx(nodes, tensors, { opset }), undefined);
  expect(await errorCodeOf(call)).toBe('model-file-unsupported');
  await expect(call).rejects.toThrow(message);
  await expect(call).rejects.toThrow(/^The operator \w+ \(node 0\)/);
});
