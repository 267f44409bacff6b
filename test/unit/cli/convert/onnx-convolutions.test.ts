import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';
import { expectSameOutput, floats, noise, type OnnxCase, single } from './support/compare-with-onnx-runtime.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const conv = (attributes: Record<string, number | number[] | string>, [rows, columns] = [3, 3]): OnnxCase =>
  single('Conv', attributes, { w: noise(4, 3, rows, columns), b: noise(4) });
const pool = (op: string, attributes: Record<string, number | number[] | string>, opset = 13): OnnxCase =>
  single(op, { kernel_shape: [3, 3], ...attributes }, {}, { opset });

const cases: Record<string, OnnxCase> = {
  'Conv with asymmetric pads': conv({ pads: [0, 1, 2, 3] }),
  'Conv with strides that differ by axis': conv({ strides: [2, 3], pads: [1, 1, 1, 1] }),
  'Conv with dilation': conv({ dilations: [2, 3] }, [3, 2]),
  'Conv with a filter of an even size and auto_pad SAME_UPPER': conv({ auto_pad: 'SAME_UPPER' }, [2, 4]),
  'Conv with a filter of an even size and auto_pad SAME_LOWER': conv({ auto_pad: 'SAME_LOWER' }, [2, 4]),
  'Conv with a stride and auto_pad SAME_UPPER': conv({ auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  'Conv with a stride and auto_pad SAME_LOWER': conv({ auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  'Conv with auto_pad VALID': conv({ auto_pad: 'VALID', strides: [2, 2] }),
  'a depthwise Conv': single('Conv', { group: 3, pads: [1, 1, 1, 1] }, { w: noise(3, 1, 3, 3), b: noise(3) }),
  'a grouped and dilated Conv with asymmetric pads': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c' },
      { op: 'Conv', inputs: ['c', 'v'], output: 'y', attributes: { group: 2, dilations: [2, 1], pads: [2, 0, 1, 1] } },
    ],
    tensors: { w: noise(4, 3, 1, 1), v: noise(6, 2, 3, 3) },
  },
  'BatchNormalization after a Conv': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c' },
      {
        op: 'BatchNormalization',
        inputs: ['c', 'g', 'b', 'm', 'v'],
        output: 'y',
        attributes: { epsilon: { float: 1e-3 } },
      },
    ],
    tensors: { w: noise(4, 3, 3, 3), g: noise(4), b: noise(4), m: noise(4), v: floats(0.5, 1, 2, 0.1) },
  },
  'BatchNormalization of the image': single(
    'BatchNormalization',
    {},
    { g: noise(3), b: noise(3), m: noise(3), v: floats(0.5, 1, 2) },
  ),
  'MaxPool with asymmetric pads': pool('MaxPool', { strides: [2, 2], pads: [0, 1, 2, 1] }),
  'MaxPool with ceil_mode': pool('MaxPool', { strides: [2, 2], ceil_mode: 1 }),
  'MaxPool with auto_pad SAME_LOWER': pool('MaxPool', { strides: [2, 2], auto_pad: 'SAME_LOWER' }),
  'AveragePool without padding': pool('AveragePool', { strides: [2, 2] }),
  'AveragePool with ceil_mode and padding that does not count': pool('AveragePool', {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
  }),
  'AveragePool with padding that counts': pool('AveragePool', { pads: [1, 1, 1, 1], count_include_pad: 1 }),
  'AveragePool with auto_pad SAME_UPPER': pool('AveragePool', { strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  GlobalAveragePool: single('GlobalAveragePool'),
  GlobalMaxPool: single('GlobalMaxPool'),
};

test.each(Object.entries(cases))('%s has the output of ONNX Runtime Web', (_, each) => expectSameOutput(each));

const opsets = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

test.each(opsets)('a network of operator set %i has the output of ONNX Runtime Web', (opset) =>
  expectSameOutput({
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c', attributes: { pads: [1, 1, 1, 1] } },
      { op: 'BatchNormalization', inputs: ['c', 'g', 'b', 'm', 'v'], output: 'n' },
      { op: 'PRelu', inputs: ['n', 's'], output: 'p' },
      { op: 'MaxPool', inputs: ['p'], output: 'q', attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      { op: 'Dropout', inputs: ['q'], output: 'd' },
      { op: 'Flatten', inputs: ['d'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'matrix', 'bias'], output: 'y', attributes: { transB: 1 } },
    ],
    tensors: {
      ...{ w: noise(4, 3, 3, 3), g: noise(4), b: noise(4), m: noise(4), v: floats(0.5, 1, 2, 0.1) },
      ...{ s: { ...noise(4), shape: [4, 1, 1] }, matrix: noise(5, 64), bias: noise(5) },
    },
    opset,
    // 64 products.
    tolerance: 1e-4,
  }),
);
