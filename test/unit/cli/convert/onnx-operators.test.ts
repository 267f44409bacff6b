import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { seeded } from '../../../../lib/core/random.ts';
import { type WrittenNode, type WrittenTensor, writeOnnx } from '../../../support/published/onnx-writer.ts';
import { load } from './small-embedder.ts';
import { maxDifference } from './support/run-converted.ts';

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  await tf.setBackend('cpu');
});

const random = seeded(3);
const noise = (...shape: number[]): WrittenTensor => ({
  shape,
  floats: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 2 - 1),
});
const scalar = (value: number): WrittenTensor => ({ shape: [], floats: [value] });
const bytes = (type: 2 | 3, shape: number[], values: number[]): WrittenTensor => ({
  shape,
  type,
  raw: Uint8Array.from(values),
});
const eightBit = Array.from({ length: 108 }, () => Math.floor(random() * 256));

const graphs: Record<string, { nodes: WrittenNode[]; tensors?: Record<string, WrittenTensor>; tolerance?: number }> = {
  'a transposed convolution with padding': {
    nodes: [
      {
        op: 'ConvTranspose',
        inputs: ['x', 'w', 'b'],
        output: 'y',
        attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
      },
    ],
    tensors: { w: noise(3, 4, 3, 3), b: noise(4) },
  },
  'a grouped and dilated convolution with asymmetric padding': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c' },
      { op: 'Conv', inputs: ['c', 'v'], output: 'y', attributes: { group: 2, dilations: [2, 1], pads: [2, 0, 1, 1] } },
    ],
    tensors: { w: noise(4, 3, 1, 1), v: noise(6, 2, 3, 3) },
  },
  'pooling with ceil_mode and padding that does not count': {
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['x'],
        output: 'y',
        attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
      },
    ],
  },
  'a softmax and a product after a transposed flattening': {
    nodes: [
      { op: 'Softmax', inputs: ['x'], output: 's', attributes: { axis: 1 } },
      { op: 'Flatten', inputs: ['s'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'w'], output: 'y' },
    ],
    tensors: { w: noise(192, 5) },
  },
  'weights of int8, dequantised': {
    nodes: [
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], output: 'w', attributes: { axis: 0 } },
      { op: 'Conv', inputs: ['x', 'w'], output: 'y' },
    ],
    tensors: {
      q: bytes(3, [4, 3, 3, 3], eightBit),
      s: { shape: [4], floats: [0.01, 0.02, 0.03, 0.04] },
      z: bytes(3, [4], [0, 1, 2, 3]),
    },
  },
  // A quantised activation is rounded in the reference, to steps of 0.02.
  'a quantised tensor, limited to its range': {
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], output: 'q' },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], output: 'y' },
    ],
    tensors: { s: scalar(0.002), z: bytes(2, [], [0]) },
    tolerance: 0.0011,
  },
};

test.each(Object.entries(graphs))(
  '%s has the outputs of ONNX Runtime Web',
  async (_, { nodes, tensors = {}, tolerance = 1e-5 }) => {
    const file = writeOnnx(nodes, tensors, { opset: 13 });
    const values = Float32Array.from({ length: 192 }, () => random() * 2 - 1);
    const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
    const { y } = await session.run({ x: new ort.Tensor('float32', values, [1, 3, 8, 8]) });
    const model = load(await readModel('small.onnx', file, undefined));
    const image = tf.transpose(tf.tensor4d(values, [1, 3, 8, 8]), [0, 2, 3, 1]);
    const output = model.execute({ image }, 'y') as tf.Tensor;
    expect(output.shape).toEqual(y?.dims);
    expect(maxDifference(output.dataSync(), y?.data as Float32Array)).toBeLessThan(tolerance);
  },
);
