import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { readFrozenGraph } from '../../../../cli/convert/readers/frozen-graph.ts';
import { readKerasWeights } from '../../../../cli/convert/readers/keras-weights.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { GraphDef } from '../../../support/published/graph-def.ts';
import { hdf5File, withLargerShapes, withoutStorage } from '../../../support/published/hdf5-files.ts';
import { type WrittenTensor, writeOnnx } from '../../../support/published/onnx-writer.ts';
import { conversionData } from './support/run-converted.ts';

const torchFile = new Uint8Array(readFileSync(new URL('mobilefacenet.pt', conversionData)));
const text = (value: string) => new TextEncoder().encode(value);
const joined = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** The beginning of a legacy file of `torch.save`: magic number, version and system. The next pickle is the state dict. */
const legacyHead = joined(
  [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
  [0x80, 0x02, 0x4d, 0xe9, 0x03, 0x2e],
  [0x80, 0x02, 0x7d, 0x2e],
);

/** A legacy file whose state dict is a pickle of these operations. */
const pickled = (...parts: (Uint8Array | number[])[]) => joined(legacyHead, [0x80, 0x02], ...parts);

/** `torch._utils._rebuild_tensor_v2` with a shape, on a storage of four values. */
function rebuiltTensor(side: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setInt32(0, side, true);
  const size = [0x4a, ...new Uint8Array(bytes.buffer)];
  const storage = joined(
    [0x28, 0x55, 7],
    text('storage'),
    text('ctorch\nFloatStorage\n'),
    [0x55, 1, 0x30, 0x55, 3],
    text('cpu'),
  );
  return joined(
    text('ctorch._utils\n_rebuild_tensor_v2\n'),
    [0x28, ...storage, 0x4b, 4, 0x4e, 0x74, 0x51],
    [0x4b, 0, ...size, ...size, 0x86, 0x4b, 0, 0x4b, 0, 0x86, 0x74, 0x52],
  );
}

/** An .onnx file of nodes [operator, inputs, output]. */
const onnx = (nodes: [string, string[], string][], initializers: Record<string, WrittenTensor> = {}) =>
  writeOnnx(
    nodes.map(([op, inputs, output]) => ({ op, inputs, output })),
    initializers,
  );

const int64 = (...values: number[]) => [...new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)];
const hundred = Array.from({ length: 100 }, (_, i) => i);

test.each<[string, Uint8Array, 'model-file-damaged' | 'model-file-unsupported', RegExp?]>([
  [
    'a pickle that calls os.system',
    pickled(text('cposix\nsystem\n'), [0x55, 4], text('true'), [0x85, 0x52, 0x2e]),
    'model-file-unsupported',
    /posix\.system/,
  ],
  [
    'a pickle that evaluates code',
    pickled(text('c__builtin__\neval\n'), [0x55, 1], text('1'), [0x85, 0x52, 0x2e]),
    'model-file-unsupported',
    /__builtin__\.eval/,
  ],
  ['a pickle with an unknown operation', pickled([0x69, 0x2e]), 'model-file-unsupported', /0x69/],
  [
    'a tensor of 4·10¹⁸ values on a storage of four',
    pickled(
      [0x7d, 0x55, 1],
      text('a'),
      rebuiltTensor(2_000_000_000),
      [0x73, 0x2e, 0x80, 2, 0x5d, 0x55, 1, 0x30, 0x61, 0x2e],
      int64(4),
      new Uint8Array(16),
    ),
    'model-file-damaged',
    /more values than the file/,
  ],
  [
    'a dictionary that contains itself',
    pickled([0x7d, 0x71, 0, 0x55, 1], text('a'), [0x68, 0, 0x73, 0x2e, 0x80, 2, 0x5d, 0x2e]),
    'model-file-damaged',
    /nested/,
  ],
  [
    'a dictionary with 2¹⁰⁰ paths',
    pickled(
      [0x7d, 0x71, 0],
      ...hundred.map((i) => joined([0x7d, 0x71, i + 1, 0x55, 1, 0x61, 0x68, i, 0x73, 0x55, 1, 0x62, 0x68, i, 0x73])),
      [0x2e],
    ),
    'model-file-damaged',
  ],
  ['a truncated archive', torchFile.subarray(0, torchFile.length / 2), 'model-file-damaged', /truncated/],
  [
    'an archive that states a larger file than it has',
    withLargerFile(torchFile),
    'model-file-damaged',
    /within the archive/,
  ],
  [
    'a zip bomb: entries that state four gigabytes, compressed',
    withLargerFile(torchFile, 8),
    'model-file-unsupported',
    /without an uncompressed data\.pkl/,
  ],
  ['a graph that reads its own result', onnx([['Relu', ['y'], 'y']]), 'model-file-damaged', /cyclic/],
  [
    'an initializer of a terabyte in a kilobyte',
    onnx([['Add', ['x', 'w'], 'y']], { w: { shape: [1e6, 1e6], raw: new Uint8Array(4) } }),
    'model-file-damaged',
    /instead of 1000000000000/,
  ],
  [
    'a constant that is expanded to 10¹² values',
    onnx(
      [
        ['ConstantOfShape', ['shape'], 'c'],
        ['Add', ['x', 'c'], 'y'],
      ],
      { shape: { shape: [2], integers: [1e6, 1e6] } },
    ),
    'model-file-damaged',
    /impossible size/,
  ],
  [
    'a padding of 10¹² pixels',
    writeOnnx([{ op: 'Conv', inputs: ['x', 'w'], output: 'y', attributes: { pads: [1e6, 1e6, 1e6, 1e6] } }], {
      w: { shape: [1, 3, 1, 1], floats: [1, 1, 1] },
    }),
    'model-file-unsupported',
    /a tensor of the shape/,
  ],
  [
    'a transposed convolution with a stride of a million',
    writeOnnx([{ op: 'ConvTranspose', inputs: ['x', 'w'], output: 'y', attributes: { strides: [1e6, 1e6] } }], {
      w: { shape: [3, 1, 1, 1], floats: [1, 1, 1] },
    }),
    'model-file-unsupported',
    /too many weights/,
  ],
  [
    'an image that is expanded to 10¹² pixels',
    onnx([['Expand', ['x', 'shape'], 'y']], { shape: { shape: [5], integers: [1e9, 1, 3, 8, 8] } }),
    'model-file-unsupported',
    /a tensor of the shape/,
  ],
  ['a truncated graph', onnx([['Relu', ['x'], 'y']]).subarray(0, 20), 'model-file-damaged'],
  ['an unknown operator', onnx([['Loop', ['x'], 'y']]), 'model-file-unsupported', /Loop \(node 0\)/],
  [
    'a header longer than its .safetensors file',
    joined([0xff, 0xff, 0, 0, 0, 0, 0, 0], text('{"a":1}')),
    'model-file-damaged',
    /truncated/,
  ],
  [
    'tensors that overlap',
    safetensors(
      Object.fromEntries(hundred.map((i) => [`t${i}`, { dtype: 'U8', shape: [5000], data_offsets: [0, 5000] }])),
      5000,
    ),
    'model-file-damaged',
    /overlap/,
  ],
  ['a web page', text('<!DOCTYPE html><title>Sign in</title>'), 'model-file-unsupported', /a web page/],
  [
    'a pointer of Git LFS',
    text('version https://git-lfs.github.com/spec/v1\n'),
    'model-file-unsupported',
    /git lfs pull/,
  ],
  ['an empty file', new Uint8Array(), 'model-file-damaged', /empty/],
])('refuses %s within a second', async (_, bytes, code, message) => {
  const start = performance.now();
  const call = readModel('model', bytes, undefined);
  expect(await errorCodeOf(call)).toBe(code);
  expect(performance.now() - start).toBeLessThan(1000);
  if (message) await expect(call).rejects.toThrow(message);
});

const varint = 0x08;
const message = (tag: number[], ...content: (Uint8Array | number[])[]) => {
  const bytes = joined(...content);
  return joined(tag, [bytes.length], bytes);
};

test.each<[string, string, Uint8Array, RegExp]>([
  ['a text', 'labels.txt', text('Ada\nBob\n'), /a text, which is not read/],
  ['a network of MNN', 'face.mnn', Uint8Array.of(0x1c, 0, 0, 0, 0x18, 0, 0x1c, 0), /a network of MNN/],
  [
    'weights of Caffe',
    'face.caffemodel',
    message([0x0a], text('Face')),
    /a file of weights of Caffe.*deploy\.prototxt/,
  ],
  ['arrays of NumPy', 'weights.npz', zip('fc.npy'), /arrays of NumPy/],
  ['another archive', 'buffalo_s.zip', zip('det_500m.onnx'), /unpack it first/],
  ['weights of MXNet', 'face.params', Uint8Array.of(0x12, 1, 0, 0, 0, 0, 0, 0, 0, 0), /weights of MXNet/],
  ['an engine of TensorRT', 'face.engine', joined(text('ftrt'), [0, 0, 1, 0]), /an engine of TensorRT/],
  [
    'a network of MXNet',
    'face-symbol.json',
    text('{"nodes":[{"op":"null","name":"data","inputs":[]}],"arg_nodes":[0],"heads":[[0,0,0]]}'),
    /a network of MXNet/,
  ],
  [
    'a network of Core ML',
    'Face.mlmodel',
    // Its version, its description and, as the field 500, its network.
    joined([varint, 4], message([0x12], message([0x0a], [0x0a, 1, 0x61])), message([0xa2, 0x1f], [varint, 1])),
    /a network of Core ML/,
  ],
  [
    'a SavedModel of TensorFlow',
    'saved_model.pb',
    joined([varint, 1], message([0x12], message([0x0a], [0x22, 0]), message([0x12], [0x0a, 0]))),
    /a SavedModel of TensorFlow/,
  ],
])('names %s by its kind', async (_, name, bytes, message) => {
  const call = readModel(name, bytes, undefined);
  expect(await errorCodeOf(call)).toBe('model-file-unsupported');
  await expect(call).rejects.toThrow(message);
});

test('lists the formats for a file of an unknown kind, and tells a damaged .onnx file from no such file', async () => {
  const formats = 'use .onnx, .pt, .pth, .safetensors, .tflite, .pb, .h5 or model.json';
  await expect(readModel('model.bin', Uint8Array.of(4, 4, 4, 4), undefined)).rejects.toThrow(formats);
  const other = readModel('model.onnx', Uint8Array.of(varint, 8, 0x22, 0), undefined);
  await expect(other).rejects.toThrow('not an .onnx file, or is damaged');
  expect(await errorCodeOf(other)).toBe('model-file-damaged');
});

/** An archive of one empty file, as zipfile of Python writes it. */
function zip(name: string): Uint8Array {
  const common = [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, name.length, 0, 0, 0];
  const local = joined(text('PK\x03\x04'), common, text(name));
  const entry = joined(text('PK\x01\x02'), [20, 0], common, new Uint8Array(14), text(name));
  const size = (value: number) => [value, 0, 0, 0];
  const end = [0, 0, 0, 0, 1, 0, 1, 0, ...size(entry.length), ...size(local.length), 0, 0];
  return joined(local, entry, text('PK\x05\x06'), end);
}

/** The archive with a size of 2³¹ in the entry of each file. @param method how it is compressed: 0 is not at all, 8 is deflate. */
function withLargerFile(bytes: Uint8Array, method = 0): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at + 46 < copy.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    view.setUint16(at + 10, method, true);
    // Compressed, its stored size stays that of the file.
    if (method === 0) view.setUint32(at + 20, 2 ** 31, true);
    view.setUint32(at + 24, 2 ** 31, true);
  }
  return copy;
}

function safetensors(header: object, length: number): Uint8Array {
  const json = text(JSON.stringify(header));
  return joined(new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer), json, new Uint8Array(length));
}

test('refuses an HDF5 file whose group contains itself within a second', async () => {
  const file = Uint8Array.from(readFileSync(new URL('../../../fuzz/weights/embedder.h5', import.meta.url)));
  await expect(readModel('embedder.h5', file, undefined)).rejects.toThrow('it holds weights only');
  const start = performance.now();
  const call = readModel('embedder.h5', withCyclicGroup(file), undefined);
  expect(await errorCodeOf(call)).toBe('model-file-damaged');
  await expect(call).rejects.toThrow('its groups are nested too deeply');
  expect(performance.now() - start).toBeLessThan(1000);
});

/** The file of weights, in which the address of a layer's inner group is that of the layer's group. */
function withCyclicGroup(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const name = 'Conv2d_1a_3x3';
  // The object header of the group precedes the link, which is a name and an address.
  const link = copy.indexOf(name);
  copy.writeBigUInt64LE(BigInt(copy.lastIndexOf('OHDR', link)), link + name.length);
  return new Uint8Array(copy);
}

test.each<[string, [shape: number[], values: number[]][]]>([
  ['without values', [[[2 ** 26], []]]],
  ['with fewer values than its shape', [[[2 ** 26], [1, 2]]]],
  ['with more values than its shape', [[[1], [1, 2]]]],
  [
    'of a negative side',
    [
      [
        [-1, -2],
        [1, 2],
      ],
    ],
  ],
  ['that repeats its value too often', [[[2 ** 18 + 2], [1]]]],
  ['of several that repeat their value too often', Array.from({ length: 100 }, () => [[2 ** 12], [1]])],
])('refuses a constant of a frozen graph %s', (_, constants) => {
  const graph = new GraphDef();
  constants.forEach(([shape, values], i) => {
    graph.constant(`layer${i}/weights`, shape, values);
  });
  expect(() => readFrozenGraph(graph.encode())).toThrow('is damaged');
});

test('reads the constants of a frozen graph that repeat one value', () => {
  const graph = new GraphDef();
  graph.constant('layer/weights', [2, 3], [5]);
  graph.constant('layer/biases', [0], []);
  const { tensors } = readFrozenGraph(graph.encode());
  expect(tensors.get('layer/weights')?.values).toEqual(new Float32Array(6).fill(5));
  expect(tensors.get('layer/biases')?.values).toEqual(new Float32Array(0));
});

describe('an HDF5 file of weights', () => {
  test('with a weight that has no storage is refused', async () => {
    const file = await hdf5File({ kernel: [4, 4] });
    expect(readKerasWeights(file).tensors.get('layer/kernel:0')?.values).toHaveLength(16);
    const call = readModel('weights.h5', withoutStorage(file, [4, 4]), undefined);
    expect(await errorCodeOf(call)).toBe('model-file-damaged');
    await expect(call).rejects.toThrow('the weight layer/kernel:0 has no values');
  });

  test('is refused within a second if its weights claim more values together than the file has room for', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `kernel${i}`);
    const file = await hdf5File(Object.fromEntries(names.map((name) => [name, [16, 16]])));
    expect(readKerasWeights(file).tensors).toHaveProperty('size', 200);
    // Each of them alone fits into the file.
    const hostile = withLargerShapes(file, [16, 16], [128, 128]);
    const start = performance.now();
    const call = readModel('weights.h5', hostile, undefined);
    expect(await errorCodeOf(call)).toBe('model-file-damaged');
    await expect(call).rejects.toThrow('exceeds the size of the file');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('is refused if a weight is in chunks, whose size a compressed file does not bound', async () => {
    const file = await hdf5File({ kernel: [512, 512] }, { chunks: [64, 64], compression: 9 });
    expect(file.length).toBeLessThan(512 * 512);
    const call = readModel('weights.h5', file, undefined);
    expect(await errorCodeOf(call)).toBe('model-file-unsupported');
    await expect(call).rejects.toThrow('the weight layer/kernel:0 is stored in chunks');
  });
});
