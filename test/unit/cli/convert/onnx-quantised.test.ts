import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import type { WrittenTensor } from '../../../support/published/onnx-writer.ts';
import { expectSameOutput, floats, noise, type OnnxCase, scalar } from './support/compare-with-onnx-runtime.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** ONNX Runtime's own operators. */
const domain = 'com.microsoft';
const random = seeded(8);
/** Random bytes: uint8 is the type 2, int8 is 3. */
const bytes = (type: 2 | 3, shape: number[], values?: number[]): WrittenTensor => ({
  shape,
  type,
  raw: Uint8Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => values?.[i] ?? Math.floor(random() * 256),
  ),
});
const int32 = (...values: number[]): WrittenTensor => ({
  shape: [values.length],
  type: 6,
  raw: new Uint8Array(Int32Array.from(values).buffer),
});
/** Random halves of magnitudes from 2⁻⁷ to 2. */
const halves = (...shape: number[]): WrittenTensor => ({
  shape,
  type: 10,
  raw: new Uint8Array(
    Uint16Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      return (random() < 0.5 ? 0x8000 : 0) | ((8 + Math.floor(random() * 8)) << 10) | Math.floor(random() * 1024);
    }).buffer,
  ),
});
/** The upper halves of random floats. */
const bfloat16 = (...shape: number[]): WrittenTensor => {
  const values = Float32Array.from(noise(...shape).floats ?? []);
  return {
    shape,
    type: 16,
    raw: new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (v) => v >>> 16).buffer),
  };
};
/** A convolution whose weights another operator makes of `q`. */
const convOf = (op: string, inputs: string[], tensors: Record<string, WrittenTensor>, attributes = {}): OnnxCase => ({
  nodes: [
    { op, inputs, output: 'w', attributes },
    { op: 'Conv', inputs: ['x', 'w'], output: 'y' },
  ],
  tensors,
});

/** An operator on the quantised image `q`, of the scale `s`, with a result of the scale `t`. */
const quantised = (
  op: string,
  inputs: string[],
  more: Partial<OnnxCase> & { attributes?: NonNullable<OnnxCase['nodes'][number]['attributes']> },
): OnnxCase => {
  const { attributes = {}, tensors, tolerance } = more;
  return {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op, domain, inputs, output: 'r', attributes },
      { op: 'DequantizeLinear', inputs: ['r', 't', 'z'], output: 'y' },
    ],
    tensors: { s: scalar(1 / 64), t: scalar(1 / 32), z: bytes(2, [], [128]), ...tensors },
    ...(tolerance && { tolerance }),
  };
};
const one = ['q', 's', 'z', 't', 'z'];

const cases: Record<string, OnnxCase> = {
  'weights of float16, cast': convOf('Cast', ['q'], { q: halves(4, 3, 3, 3) }, { to: 1 }),
  'weights of bfloat16, cast': convOf('Cast', ['q'], { q: bfloat16(4, 3, 3, 3) }, { to: 1 }),
  'weights of int8 with a scale for each filter': convOf(
    'DequantizeLinear',
    ['q', 's', 'z'],
    { q: bytes(3, [4, 3, 3, 3]), s: floats(0.01, 0.02, 0.03, 0.04), z: bytes(3, [4], [0, 1, 2, 3]) },
    { axis: 0 },
  ),
  'weights of uint8 with one scale': convOf('DequantizeLinear', ['q', 's', 'z'], {
    q: bytes(2, [4, 3, 3, 3]),
    s: scalar(0.02),
    z: bytes(2, [], [128]),
  }),
  'weights of int8 without a zero point': convOf('DequantizeLinear', ['q', 's'], {
    q: bytes(3, [4, 3, 3, 3]),
    s: scalar(0.02),
  }),
  'weights of int8 and a bias of int32': {
    nodes: [
      { op: 'DequantizeLinear', inputs: ['q', 's'], output: 'w' },
      { op: 'DequantizeLinear', inputs: ['r', 't'], output: 'b' },
      { op: 'Conv', inputs: ['x', 'w', 'b'], output: 'y' },
    ],
    tensors: { q: bytes(3, [4, 3, 3, 3]), s: scalar(0.02), r: int32(100, -200, 3000, 0), t: scalar(1e-3) },
  },
  // A quantised activation is rounded in the reference, to steps of 0.002.
  'a quantised tensor, limited to its range': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], output: 'y' },
    ],
    tensors: { s: scalar(0.002), z: bytes(2, [], [0]) },
    tolerance: 0.0011,
  },
  // The input is rounded to steps of 1/64: half a step, times 27 weights of at most 0.4, is 0.085. Half a step of the output is 0.05.
  'a QLinearConv': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 'xs', 'xz'], output: 'q' },
      { op: 'QLinearConv', inputs: ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], output: 'c' },
      { op: 'DequantizeLinear', inputs: ['c', 'ys', 'yz'], output: 'y' },
    ],
    tensors: {
      xs: scalar(1 / 64),
      xz: bytes(2, [], [128]),
      w: bytes(3, [4, 3, 3, 3]),
      ws: floats(0.001, 0.002, 0.003, 0.003),
      wz: bytes(3, [4], [0, 0, 0, 0]),
      ys: scalar(0.1),
      yz: bytes(2, [], [128]),
      b: int32(100, -200, 3000, 0),
    },
    tolerance: 0.135,
  },
  // Half a step of each rounded tensor: of both summands or factors, and of the result.
  'a QLinearAdd and a QLinearSigmoid': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op: 'QLinearAdd', domain, inputs: ['q', 's', 'z', 'q', 's', 'z', 't', 'z'], output: 'a' },
      { op: 'QLinearSigmoid', domain, inputs: ['a', 't', 'z', 'u', 'zero'], output: 'g' },
      { op: 'DequantizeLinear', inputs: ['g', 'u', 'zero'], output: 'y' },
    ],
    tensors: {
      s: scalar(1 / 64),
      t: scalar(1 / 32),
      u: scalar(1 / 256),
      z: bytes(2, [], [128]),
      zero: bytes(2, [], [0]),
    },
    tolerance: 0.012,
  },
  'a QGemm with a bias': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op: 'Flatten', inputs: ['q'], output: 'f' },
      {
        op: 'QGemm',
        domain,
        inputs: ['f', 's', 'z', 'w', 'ws', 'wz', 'b', 't', 'z'],
        output: 'g',
        attributes: { transB: 1 },
      },
      { op: 'DequantizeLinear', inputs: ['g', 't', 'z'], output: 'y' },
    ],
    // 192 weights of at most 0.128, times half a step of 1/128, is 0.192.
    tensors: {
      s: scalar(1 / 64),
      z: bytes(2, [], [128]),
      w: bytes(3, [5, 192]),
      ws: scalar(0.001),
      wz: bytes(3, [], [0]),
      b: int32(1000, -2000, 30_000, 0, 1),
      t: scalar(0.1),
    },
    tolerance: 0.25,
  },
  // 192 weights of at most 0.128, times half a step of the image, 1/128, is 0.192. Half a step of the result is 1/64.
  'a QLinearMatMul': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op: 'Flatten', inputs: ['q'], output: 'f' },
      { op: 'QLinearMatMul', inputs: ['f', 's', 'z', 'w', 'ws', 'wz', 't', 'z'], output: 'r' },
      { op: 'DequantizeLinear', inputs: ['r', 't', 'z'], output: 'y' },
    ],
    tensors: {
      s: scalar(1 / 64),
      t: scalar(1 / 32),
      z: bytes(2, [], [128]),
      w: bytes(3, [192, 5]),
      ws: scalar(0.001),
      wz: bytes(3, [], [0]),
    },
    tolerance: 0.21,
  },
  // Half a step of the factor times twice its value, at most 1, and half a step of the result.
  'a QLinearMul': quantised('QLinearMul', ['q', 's', 'z', 'q', 's', 'z', 't', 'z'], { tolerance: 0.033 }),
  'a QLinearConcat': quantised('QLinearConcat', ['t', 'z', 'q', 's', 'z', 'q', 's', 'z'], {
    attributes: { axis: 1 },
    tolerance: 0.025,
  }),
  'a QLinearLeakyRelu': quantised('QLinearLeakyRelu', one, { attributes: { alpha: { float: 0.1 } }, tolerance: 0.025 }),
  // A logarithm moves by at most a step of the image, 1/64 of a result of at most 0.6, and half a step of the result, 1/512.
  'a QLinearSoftmax': quantised('QLinearSoftmax', one, {
    attributes: { axis: -1, opset: 13 },
    tensors: { t: scalar(1 / 256), z: bytes(2, [], [128]) },
    tolerance: 0.012,
  }),
  'a QLinearAveragePool': quantised('QLinearAveragePool', one, {
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    tolerance: 0.025,
  }),
  'a QLinearGlobalAveragePool': quantised('QLinearGlobalAveragePool', one, { tolerance: 0.025 }),
};

test.each(Object.entries(cases))('%s has the output of ONNX Runtime Web', (_, each) => expectSameOutput(each));
