import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { convertTflite } from '../../../../cli/convert/readers/tflite/convert-tflite.ts';
import { Table } from '../../../../cli/convert/readers/tflite/flatbuffer-table.ts';
import { FaceNetError } from '../../../../lib/core/errors.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { RandomWeights } from '../../../support/published/random-weights.ts';
import { type Field, TfliteWriter } from '../../../support/published/tflite-writer.ts';

beforeAll(() => tf.setBackend('cpu'));

/** BuiltinOperator of TensorFlow Lite's schema.fbs. */
const code = {
  add: 0,
  averagePool: 1,
  concatenation: 2,
  conv: 3,
  depthwise: 4,
  fullyConnected: 9,
  l2Normalization: 11,
  maxPool: 17,
  mul: 18,
  relu6: 21,
  reshape: 22,
  mean: 40,
  sub: 41,
  div: 42,
  squeeze: 43,
  exp: 47,
  prelu: 54,
  maximum: 55,
  neg: 59,
  sum: 74,
  rsqrt: 76,
  reduceMax: 82,
  square: 92,
  abs: 101,
  hardSwish: 117,
  softmax: 25,
};
/** Padding and ActivationFunctionType of the schema. */
const [same, valid] = [0, 1];
const [linear, relu, tanh] = [0, 1, 4];

const byte = (value: number): Field => ({ byte: value });
const int = (value: number): Field => ({ int: value });
/** Conv2DOptions, DepthwiseConv2DOptions and Pool2DOptions. */
const convOptions = (padding: number, stride: number, activation: number) => [
  byte(padding),
  int(stride),
  int(stride),
  byte(activation),
  int(1),
  int(1),
];
const depthwiseOptions = (padding: number, stride: number, activation: number) => [
  ...[byte(padding), int(stride), int(stride), int(1)],
  ...[byte(activation), int(1), int(1)],
];
const poolOptions = (padding: number, stride: number, size: number) => [
  ...[byte(padding), int(stride), int(stride)],
  ...[int(size), int(size), byte(linear)],
];

/** A filter in TensorFlow Lite's layout, [out, height, width, in], from [height, width, in, out]. */
const outFirst = (filter: tf.Tensor4D) => tf.transpose(filter, [3, 0, 1, 2]).dataSync();

/** Runs a converted .tflite file and compares the output with that of TensorFlow.js operations. */
async function expectSame(bytes: Uint8Array, input: tf.Tensor4D, expected: tf.Tensor): Promise<void> {
  const { json, weights, ...read } = await readModel('own.tflite', bytes, undefined);
  expect(read.format).toBe('TensorFlow Lite');
  expect(read.outputs).toHaveLength(1);
  const [{ weights: weightSpecs }] = json.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }];
  const weightData = new Uint8Array(weights).buffer;
  const model = tf.loadGraphModelSync({ modelTopology: json.modelTopology as object, weightSpecs, weightData });
  const actual = model.execute({ [read.input.name]: input }, read.outputs) as tf.Tensor;
  expect(actual.shape).toEqual(expected.shape);
  const wanted = expected.dataSync<'float32'>();
  const magnitude = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  actual.dataSync<'float32'>().forEach((value, i) => {
    expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-5 * magnitude);
  });
}

const rejection = (file: TfliteWriter, input: number, output: number) =>
  readModel('own.tflite', file.write(input, output), undefined).then(
    () => 'it was converted',
    (error: Error) => error.message,
  );

describe('a .tflite file', () => {
  test('is converted to the same output as TensorFlow.js operations, for the operators of Inception-ResNet v1', async () => {
    const random = new RandomWeights(1);
    const filters = (...shape: [number, number, number, number]) => tf.tensor4d(random.products(shape), shape);
    const offsets = (count: number) => tf.tensor1d(random.offsets(count));
    const [stem, one, two, up] = [filters(3, 3, 3, 8), filters(1, 1, 8, 4), filters(1, 7, 8, 4), filters(1, 1, 8, 8)];
    const [stemBias, oneBias, twoBias, upBias] = [offsets(8), offsets(4), offsets(4), offsets(8)];
    const [matrix, matrixBias] = [tf.tensor2d(random.products([16, 6]), [16, 6]), offsets(6)];
    const x = tf.randomUniform<tf.Rank.R4>([2, 19, 19, 3], -1, 1, 'float32', 5);

    const file = new TfliteWriter();
    const conv = (from: number, filter: tf.Tensor4D, bias: tf.Tensor1D, shape: number[], options: Field[]) => {
      const [height, width, channels, out] = filter.shape;
      const weights = file.floats([out, height, width, channels], outFirst(filter));
      return file.operator(code.conv, [from, weights, file.floats([out], bias.dataSync())], shape, options);
    };
    const image = file.tensor([1, 19, 19, 3]);
    let net = conv(image, stem, stemBias, [1, 9, 9, 8], convOptions(valid, 2, relu));
    net = file.operator(code.maxPool, [net], [1, 4, 4, 8], poolOptions(valid, 2, 3));
    const towers = [
      conv(net, one, oneBias, [1, 4, 4, 4], convOptions(same, 1, relu)),
      conv(net, two, twoBias, [1, 4, 4, 4], convOptions(same, 1, relu)),
    ];
    const mixed = file.operator(code.concatenation, towers, [1, 4, 4, 8], [int(3), byte(linear)]);
    const linearUp = conv(mixed, up, upBias, [1, 4, 4, 8], convOptions(same, 1, linear));
    const scaled = file.operator(code.mul, [linearUp, file.floats([], [0.17])], [1, 4, 4, 8], [byte(linear)]);
    net = file.operator(code.add, [net, scaled], [1, 4, 4, 8], [byte(relu)]);
    const pooled = file.operator(code.averagePool, [net], [1, 2, 2, 8], poolOptions(valid, 2, 2));
    const rows = file.operator(code.mean, [pooled, file.integers([1], [1])], [1, 1, 2, 8], [byte(1)]);
    const flat = file.operator(code.reshape, [rows, file.integers([2], [1, 16])], [1, 16]);
    const fc = [file.floats([6, 16], tf.transpose(matrix).dataSync()), file.floats([6], matrixBias.dataSync())];
    const vector = file.operator(code.fullyConnected, [flat, ...fc], [1, 6], [byte(linear)]);
    const output = file.operator(code.l2Normalization, [vector], [1, 6]);

    const expected = tf.tidy(() => {
      const layer = (
        from: tf.Tensor4D,
        filter: tf.Tensor4D,
        bias: tf.Tensor1D,
        stride = 1,
        pad: 'same' | 'valid' = 'same',
      ) => tf.add(tf.conv2d(from, filter, stride, pad), bias) as tf.Tensor4D;
      const start = tf.maxPool(tf.relu(layer(x, stem, stemBias, 2, 'valid')), 3, 2, 'valid');
      const branches = [tf.relu(layer(start, one, oneBias)), tf.relu(layer(start, two, twoBias))];
      const sum = tf.relu(tf.add(start, tf.mul(0.17, layer(tf.concat(branches, 3), up, upBias)))) as tf.Tensor4D;
      const means = tf.mean(tf.avgPool(sum, 2, 2, 'valid'), 1, true);
      // The final normalisation is omitted, because the library normalises embeddings.
      return tf.add(tf.matMul(tf.reshape(means, [2, 16]), matrix), matrixBias);
    });
    await expectSame(file.write(image, output), x, expected);
  });

  test('is converted to the same output as TensorFlow.js operations, for the operators of MobileFaceNet', async () => {
    const random = new RandomWeights(2);
    const first = tf.tensor4d(random.products([3, 3, 3, 8]), [3, 3, 3, 8]);
    const deep = tf.tensor4d(random.products([3, 3, 8, 1]), [3, 3, 8, 1]);
    const last = tf.tensor4d(random.products([5, 5, 8, 1]), [5, 5, 8, 1]);
    const slopes = tf.tensor1d(random.offsets(8));
    const matrix = tf.tensor2d(random.products([8, 6]), [8, 6]);
    const scale = tf.tensor1d(random.variances(6));
    const x = tf.randomUniform<tf.Rank.R4>([2, 20, 20, 3], -1, 1, 'float32', 6);

    const file = new TfliteWriter();
    const image = file.tensor([1, 20, 20, 3]);
    const big = [1, 10, 10, 8];
    let net = file.operator(
      code.conv,
      [image, file.floats([8, 3, 3, 3], outFirst(first)), -1],
      big,
      convOptions(same, 2, linear),
    );
    net = file.operator(code.prelu, [net, file.floats([1, 1, 8], slopes.dataSync())], big);
    const half = file.operator(
      code.depthwise,
      [net, file.floats([1, 3, 3, 8], deep.dataSync()), file.floats([8], new Float32Array(8))],
      [1, 5, 5, 8],
      depthwiseOptions(same, 2, linear),
    );
    // sirius-ai/MobileFaceNet_TF composes PReLU as relu(x) + alpha (x − |x|) / 2.
    const shape = [1, 5, 5, 8];
    const negative = file.operator(code.sub, [half, file.operator(code.abs, [half], shape)], shape, [byte(linear)]);
    const sloped = file.operator(code.mul, [file.floats([8], slopes.dataSync()), negative], shape, [byte(linear)]);
    const halved = file.operator(code.mul, [sloped, file.floats([], [0.5])], shape, [byte(linear)]);
    const positive = file.operator(code.maximum, [half, file.floats([], [0])], shape);
    net = file.operator(code.add, [positive, halved], shape, [byte(linear)]);
    net = file.operator(code.add, [net, file.operator(code.relu6, [half], shape)], shape, [byte(linear)]);
    net = file.operator(
      code.depthwise,
      [net, file.floats([1, 5, 5, 8], last.dataSync()), -1],
      [1, 1, 1, 8],
      depthwiseOptions(valid, 1, linear),
    );
    const weights = file.floats([6, 8], tf.transpose(matrix).dataSync());
    net = file.operator(code.fullyConnected, [net, weights, -1], [1, 1, 1, 6], [byte(linear), byte(0), byte(1)]);
    net = file.operator(code.squeeze, [net], [1, 6], [{ ints: [1, 2] }]);
    net = file.operator(code.neg, [net], [1, 6]);
    net = file.operator(code.mul, [net, file.floats([6], scale.dataSync())], [1, 6], [byte(linear)]);
    // tf.nn.l2_normalize as separate operations.
    const squares = file.operator(code.square, [net], [1, 6]);
    const sum = file.operator(code.sum, [squares, file.integers([1], [1])], [1, 1], [byte(1)]);
    const max = file.operator(code.maximum, [sum, file.floats([], [1e-10])], [1, 1]);
    const output = file.operator(code.mul, [net, file.operator(code.rsqrt, [max], [1, 1])], [1, 6], [byte(linear)]);

    const expected = tf.tidy(() => {
      const start = tf.prelu(tf.conv2d(x, first, 2, 'same'), tf.reshape(slopes, [1, 1, 1, 8])) as tf.Tensor4D;
      const middle = tf.depthwiseConv2d(start, deep, 2, 'same');
      const sums = tf.add(tf.prelu(middle, tf.reshape(slopes, [1, 1, 1, 8])), tf.relu6(middle)) as tf.Tensor4D;
      const vector = tf.reshape(tf.depthwiseConv2d(sums, last, 1, 'valid'), [2, 8]);
      const answer = tf.mul(tf.neg(tf.matMul(vector, matrix)), scale);
      return tf.div(answer, tf.norm(answer, 2, 1, true));
    });
    await expectSame(file.write(image, output), x, expected);
  });

  test('is converted with the maximum along an axis, exponentials and quotients', async () => {
    const file = new TfliteWriter();
    const shape = [1, 4, 5, 3];
    const image = file.tensor(shape);
    const max = file.operator(code.reduceMax, [image, file.integers([], [3])], [1, 4, 5, 1], [byte(1)]);
    const exponential = file.operator(code.exp, [image], shape);
    const output = file.operator(code.div, [exponential, max], shape, [byte(relu)]);
    const x = tf.randomUniform<tf.Rank.R4>([2, 4, 5, 3], -1, 1, 'float32', 7);
    const expected = tf.relu(tf.div(tf.exp(x), tf.max(x, 3, true)));
    await expectSame(file.write(image, output), x, expected);
  });

  test('keeps the names of several outputs, without characters that references to nodes cannot have', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 5, 3]);
    const outputs = ['boxes', 'call:0', 'image', 'same', 'same'].map((name) => {
      const output = file.operator(code.abs, [image], [1, 4, 5, 3]);
      file.rename(output, name);
      return output;
    });
    const read = await readModel('own.tflite', file.write(image, ...outputs), undefined);
    expect(read.outputs).toEqual(['boxes', 'call_0', 't3', 't4', 't5']);
  });

  test('keeps sizes that the caller chooses unknown, unless the conversion chooses them', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 1, 1, 3], [-1, -1, -1, 3]);
    const bytes = file.write(image, file.operator(code.abs, [image], [1, 1, 1, 3]));
    expect((await readModel('own.tflite', bytes, undefined)).input.shape).toEqual([-1, -1, -1, 3]);
    const { json } = convertTflite(bytes, { inputSize: { width: 5, height: 4 } });
    expect(JSON.stringify(json)).toContain('"dim":[{"size":"-1"},{"size":"4"},{"size":"5"},{"size":"3"}]');
  });

  test('has the size that it states, unless the conversion replaces it', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 5, 3]);
    const bytes = file.write(image, file.operator(code.abs, [image], [1, 4, 5, 3]));
    const shapeFor = async (width: number, height: number, replacesSize = false) => {
      const { input } = await readModel('own.tflite', bytes, undefined, { inputSize: { width, height }, replacesSize });
      return input.shape;
    };
    expect(await shapeFor(5, 4)).toEqual([-1, 4, 5, 3]);
    expect(await shapeFor(8, 6, true)).toEqual([-1, 6, 8, 3]);
    await expect(shapeFor(8, 6)).rejects.toThrow('takes images of 5×4 pixels, and not of 8×6: omit --size');
    expect(await errorCodeOf(shapeFor(8, 6))).toBe('option-invalid');
  });

  test('is refused as damaged if it reads a tensor before it is computed', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 5, 3]);
    const bytes = file.write(image, file.operator(code.abs, [file.tensor([1, 4, 5, 3])], [1, 4, 5, 3]));
    expect(() => convertTflite(bytes)).toThrow(FaceNetError);
    const call = readModel('own.tflite', bytes, undefined);
    await expect(call).rejects.toThrow('before it is computed: use an undamaged copy');
    expect(await errorCodeOf(call)).toBe('model-file-damaged');
  });

  test.each([
    ['an operator, by its name', code.softmax, [], 'the operator SOFTMAX, which cannot be converted'],
    ['an operator newer than the list, by its number', 207, [], 'the operator 207, which cannot be converted'],
    ['an activation, by its name', code.add, [byte(tanh)], 'the operator ADD with the activation TANH'],
    ['dilation', code.conv, [...convOptions(same, 1, linear).slice(0, 4), int(2), int(2)], 'CONV_2D with dilation'],
    ['two strides', code.conv, [byte(same), int(1), int(2)], 'CONV_2D with a stride that is not square'],
    [
      'two sides of a window',
      code.maxPool,
      [...poolOptions(same, 1, 2).slice(0, 4), int(3)],
      'a window that is not square',
    ],
    ['shuffled weights', code.fullyConnected, [byte(linear), byte(1)], 'FULLY_CONNECTED with shuffled weights'],
  ])('is rejected if it has an unsupported operator or option: %s', async (_, operator, options, message) => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 4, 3]);
    const inputs = [image, file.floats([3, 1, 1, 3], new Float32Array(9)), file.floats([3], [0, 0, 0])];
    expect(await rejection(file, image, file.operator(operator, inputs, [1, 4, 4, 3], options))).toContain(message);
  });

  const many = 0x7fffffff;
  test.each([
    ['a filter larger than the file', [many, 1, 1, 3], [1, 4, 4, 3], 'the constants have an impossible size'],
    ['a filter with more values than its shape', [2, 1, 1, 3], [1, 4, 4, 2], 'more or fewer values than its shape'],
    ['a filter of size 0', [many, 1, 1, 0], [1, 4, 4, 3], 'a constant has an impossible size'],
    ['too many dimensions', new Array(255).fill(1), [1, 4, 4, 3], 'an impossible number of dimensions'],
  ])('is rejected without allocating memory if it is damaged: %s', async (_, filter, output, message) => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 4, 3]);
    const inputs = [image, file.floats(filter, new Float32Array(9)), -1];
    const damaged = file.operator(code.conv, inputs, output, convOptions(same, 1, linear));
    expect(await rejection(file, image, damaged)).toContain(message);
  });

  test('gets a bias of the filter’s size if a convolution states more channels than its filter has', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 4, 3]);
    const inputs = [image, file.floats([3, 1, 1, 3], new Float32Array(9)), -1];
    const stated = file.operator(code.conv, inputs, [1, 4, 4, many], convOptions(same, 1, linear));
    const { weights } = await readModel('own.tflite', file.write(image, stated), undefined);
    expect(weights.byteLength).toBe(4 * (9 + 3));
  });

  test('is rejected if its operators name more tensors than fit in the file', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 4, 3]);
    file.floats([10_000], new Float32Array(10_000));
    const joined = [0, 1, 2].map(() => file.operator(code.concatenation, [image], [1, 4, 4, 3], [int(3)]));
    const bytes = file.write(image, joined[2] as number);
    const [subgraph] = Table.root(bytes).tables(2) as [Table];
    // The inputs of each operator extend to the end of the file and overlap those of the others.
    for (const operator of subgraph.tables(3)) {
      const at = operator.buffer.__indirect(operator.field(1));
      operator.buffer.writeInt32(at, Math.floor((bytes.length - at - 4) / 4));
    }
    await expect(readModel('own.tflite', bytes, undefined)).rejects.toThrow('more tensors than the file has room for');
  });

  test('is rejected if it has quantised weights, or a normalisation before its output', async () => {
    const file = new TfliteWriter();
    const image = file.tensor([1, 4, 4, 3]);
    const weights = file.quantised([3, 1, 1, 3], new Int8Array(9));
    const output = file.operator(code.conv, [image, weights, -1], [1, 4, 4, 3], convOptions(same, 1, linear));
    expect(await rejection(file, image, output)).toContain('weights of int8: use a file with float32 or float16');

    const other = new TfliteWriter();
    const start = other.tensor([1, 4, 4, 3]);
    const unit = other.operator(code.l2Normalization, [start], [1, 4, 4, 3]);
    expect(await rejection(other, start, other.operator(code.relu6, [unit], [1, 4, 4, 3]))).toContain(
      'L2_NORMALIZATION before its output',
    );
  });
});
