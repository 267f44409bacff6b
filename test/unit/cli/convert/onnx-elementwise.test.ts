import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';
import { registerOwnOperators } from '../../../../lib/runtime/tensorflow/own-operators.ts';
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
  registerOwnOperators(tf);
});

/** An operator on |x| + 0.1, for functions that need positive values. */
const positive = (op: string, tensors: OnnxCase['tensors'] = {}, isFirst = true): OnnxCase => ({
  nodes: [
    { op: 'Abs', inputs: ['x'], output: 'a' },
    { op: 'Add', inputs: ['a', 'tenth'], output: 'p' },
    { op, inputs: isFirst ? ['p', ...Object.keys(tensors)] : [...Object.keys(tensors), 'p'], output: 'y' },
  ],
  tensors: { tenth: scalar(0.1), ...tensors },
});

const cases: Record<string, OnnxCase> = {
  ...Object.fromEntries(
    ['Relu', 'Sigmoid', 'Tanh', 'Softplus', 'Elu', 'Erf', 'Exp', 'Neg', 'Abs'].map((op) => [op, single(op)]),
  ),
  ...Object.fromEntries(['Sqrt', 'Log', 'Reciprocal'].map((op) => [op, positive(op)])),
  LeakyRelu: single('LeakyRelu', { alpha: { float: 0.2 } }),
  'LeakyRelu with its default slope': single('LeakyRelu'),
  'PRelu with a slope for each channel': single('PRelu', {}, { s: { ...noise(3), shape: [3, 1, 1] } }),
  'PRelu with one slope': single('PRelu', {}, { s: floats(0.3) }),
  'Clip with limits that are inputs': single('Clip', {}, { low: scalar(-0.3), high: scalar(0.4) }),
  'Clip with limits that are attributes': single('Clip', { min: { float: 0 }, max: { float: 0.5 } }, {}, { opset: 7 }),
  'Clip with one limit': {
    nodes: [{ op: 'Clip', inputs: ['x', '', 'high'], output: 'y' }],
    tensors: { high: scalar(0.1) },
  },
  HardSigmoid: single('HardSigmoid'),
  'HardSigmoid with a slope of its own': single('HardSigmoid', { alpha: { float: 1 }, beta: { float: 0.25 } }),
  HardSwish: single('HardSwish', {}, {}, { opset: 14 }),
  'the spelling of swish': {
    nodes: [
      { op: 'Sigmoid', inputs: ['x'], output: 's' },
      { op: 'Mul', inputs: ['x', 's'], output: 'y' },
    ],
  },
  'the spelling of hard swish': {
    nodes: [
      { op: 'Add', inputs: ['x', 'three'], output: 'a' },
      { op: 'Clip', inputs: ['a', 'zero', 'six'], output: 'c' },
      { op: 'Mul', inputs: ['x', 'c'], output: 'm' },
      { op: 'Div', inputs: ['m', 'six'], output: 'y' },
    ],
    tensors: { three: scalar(3), zero: scalar(0), six: scalar(6) },
  },
  Gelu: single('Gelu', {}, {}, { opset: 20 }),
  'Gelu with tanh': single('Gelu', { approximate: 'tanh' }, {}, { opset: 20 }),
  'Add of a value for each channel': single('Add', {}, { b: { ...noise(3), shape: [1, 3, 1, 1] } }),
  'Add of a value for each pixel': single('Add', {}, { b: noise(8, 8) }),
  'Sub of the image from a constant': {
    nodes: [{ op: 'Sub', inputs: ['one', 'x'], output: 'y' }],
    tensors: { one: scalar(1) },
  },
  'Mul of two branches': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c' },
      { op: 'GlobalAveragePool', inputs: ['c'], output: 'g' },
      { op: 'Mul', inputs: ['c', 'g'], output: 'y' },
    ],
    tensors: { w: noise(5, 3, 1, 1) },
  },
  'Div by a value for each channel': single('Div', {}, { d: { shape: [3, 1, 1], floats: [0.5, 2, -3] } }),
  'Div of a constant': positive('Div', { one: scalar(1) }, false),
  'Pow with an exponent of 2': single('Pow', {}, { e: scalar(2) }),
  'Pow with a fraction': positive('Pow', { e: scalar(0.3) }),
  'Pow with an integer exponent': single('Pow', {}, { e: int64(3) }),
  'Min and Max of several tensors': {
    nodes: [
      { op: 'Max', inputs: ['x', 'a', 'b'], output: 'm' },
      { op: 'Min', inputs: ['m', 'c'], output: 'y' },
    ],
    tensors: { a: scalar(-0.5), b: noise(8, 8), c: scalar(0.5) },
  },
  'Sum of several tensors': single('Sum', {}, { a: scalar(1), b: noise(3, 8, 8) }),
  'Softmax along the channels': single('Softmax', { axis: 1 }),
  'Softmax along the last axis': single('Softmax', { axis: -1 }),
  'Softmax of older operator sets, over all axes after the batch': single('Softmax', {}, {}, { opset: 11 }),
  'LpNormalization along the channels': single('LpNormalization', { axis: 1 }),
  'LpNormalization of the flattened image': {
    nodes: [
      { op: 'Flatten', inputs: ['x'], output: 'f' },
      { op: 'LpNormalization', inputs: ['f'], output: 'y', attributes: { axis: 1, p: 2 } },
    ],
  },
  'ReduceL2 along the channels': single('ReduceL2', { axes: [1], keepdims: 1 }),
  'ReduceL2 with axes that are an input': single('ReduceL2', { keepdims: 0 }, { axes: int64(2, 3) }, { opset: 18 }),
  'a normalisation by ReduceL2': {
    nodes: [
      { op: 'Flatten', inputs: ['x'], output: 'f' },
      { op: 'ReduceL2', inputs: ['f'], output: 'n', attributes: { axes: [1], keepdims: 1 } },
      { op: 'Clip', inputs: ['n', 'low'], output: 'c' },
      { op: 'Div', inputs: ['f', 'c'], output: 'y' },
    ],
    tensors: { low: scalar(1e-12) },
  },
  'the normalize of PyTorch, which expands the norm': {
    nodes: [
      { op: 'Flatten', inputs: ['x'], output: 'f' },
      { op: 'ReduceL2', inputs: ['f'], output: 'n', attributes: { axes: [1], keepdims: 1 } },
      { op: 'Clip', inputs: ['n', 'low'], output: 'c' },
      { op: 'Shape', inputs: ['f'], output: 's' },
      { op: 'Expand', inputs: ['c', 's'], output: 'e' },
      { op: 'Div', inputs: ['f', 'e'], output: 'y' },
    ],
    tensors: { low: scalar(1e-12) },
  },
  'Expand of the mean of each channel': {
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['x'], output: 'g' },
      { op: 'Expand', inputs: ['g', 's'], output: 'y' },
    ],
    tensors: { s: int64(3, 4, 2) },
  },
  'ReduceMean over the pixels': single('ReduceMean', { axes: [2, 3], keepdims: 0 }),
  'ReduceMean along the width': single('ReduceMean', { axes: [-1] }),
  'ReduceSum with axes that are an input': single('ReduceSum', { keepdims: 1 }, { axes: int64(1) }),
  'ReduceMax along the channels': single('ReduceMax', { axes: [1] }),
  'ReduceMin along the channels': single('ReduceMin', { axes: [1] }),
  LayerNormalization: single('LayerNormalization', { axis: -1 }, { g: noise(8), b: noise(8) }, { opset: 17 }),
};

test.each(Object.entries(cases))('%s has the output of ONNX Runtime Web', (_, each) => expectSameOutput(each));
