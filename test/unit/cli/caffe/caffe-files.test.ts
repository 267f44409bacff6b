import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addArguments } from '../../../../cli/add-arguments.ts';
import { addClassical } from '../../../../cli/add-classical.ts';
import { UsageError } from '../../../../cli/command.ts';
import {
  type ConvertOriginalOptions,
  convertOriginal,
  type OriginalFile,
} from '../../../../cli/convert/convert-original.ts';
import { readCaffeModel } from '../../../../cli/convert/readers/caffe/caffemodel.ts';
import { networkOf } from '../../../../cli/convert/readers/caffe/network.ts';
import { isPrototxt, parsePrototxt } from '../../../../cli/convert/readers/caffe/prototxt.ts';
import { graphOfSsd } from '../../../../cli/convert/readers/caffe/ssd-graph.ts';
import { FaceNetError } from '../../../../lib/core/errors.ts';
import { seeded } from '../../../../lib/core/random.ts';
import type { DetectionDescriptor, Manifest, PriorHead } from '../../../../lib/models/manifest.ts';
import { parseManifest } from '../../../../lib/models/manifest-schema.ts';
import { referenceFolder } from '../../../support/classical-reference.ts';

const path = (name: string) => join(referenceFolder, name);
const description = readFileSync(path('ssd.prototxt'), 'utf8');
const weights = new Uint8Array(readFileSync(path('ssd.caffemodel')));
const half = new Uint8Array(readFileSync(path('ssd-fp16.caffemodel')));

const utf8 = (text: string) => new TextEncoder().encode(text);
const convert = (text: string, model: Uint8Array = weights) =>
  graphOfSsd(networkOf(parsePrototxt(utf8(text)), readCaffeModel(model)));

/** The description with a change, which must apply. */
function changed(from: string | RegExp, to: string): string {
  const text = description.replace(from, to);
  expect(text).not.toBe(description);
  return text;
}

/** The code of the error that a reader throws, which it does within a second. */
function codeOf(read: () => unknown): string {
  const start = performance.now();
  try {
    read();
  } catch (error) {
    expect(error, String(error)).toBeInstanceOf(FaceNetError);
    expect(performance.now() - start).toBeLessThan(1000);
    return (error as FaceNetError).code;
  }
  return 'no error';
}

describe('add-model', () => {
  test('adds a detector from both files, in any order, and quantises it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'caffe-'));
    const files = [path('ssd.prototxt'), '--weights', path('ssd.caffemodel')];
    expect(await addClassical(addArguments([...files, '--out', folder]))).toContain('the detector "opencv-dnn-ssd"');
    const small = [path('ssd-fp16.caffemodel'), path('ssd.prototxt'), '--name', 'small', '--quantize', 'float16'];
    await addClassical(addArguments([...small, '--out', folder]));
    const manifest: Manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')), folder);
    const [whole, quantised] = manifest.models as [DetectionDescriptor, DetectionDescriptor];
    expect(whole).toMatchObject({ name: 'opencv-dnn-ssd', preprocessing: { channels: 'bgr', width: 300 } });
    expect(whole.source.files).toEqual(['ssd.prototxt', 'ssd.caffemodel']);
    // The prior boxes of res10: 38², 19², 10², 5², 3² and 1 cells with 4 or 6 of them.
    const count = (whole.head as PriorHead).grids.map(({ columns, rows, sizes }) => columns * rows * sizes.length);
    expect(count).toEqual([5776, 2166, 600, 150, 36, 4]);
    expect(quantised.name).toBe('small');
    expect(quantised.files[1]?.bytes).toBeLessThan(0.6 * (whole.files[1]?.bytes as number));
    rmSync(folder, { recursive: true });
  });

  test.for([
    [[path('ssd.prototxt')], UsageError],
    [[path('ssd.caffemodel')], UsageError],
    [[path('ssd.caffemodel'), path('ssd-fp16.caffemodel')], UsageError],
    [[path('ssd.prototxt'), '--weights', path('ssd.caffemodel'), '--quantize', 'int4'], UsageError],
    [[path('ssd.prototxt'), '--weights', path('ssd.caffemodel'), '--sha256', '0'], /SHA-256/],
    [[path('ssd.prototxt'), '--weights', path('missing.caffemodel')], /no such file/],
    [[path('tiny.svm'), '--quantise', 'float16'], /Unknown option '--quantise'/],
    [[path('tiny.svm'), '--name'], /argument missing/],
    [[path('tiny.svm'), '--size', '640x480', '--task', 'detection'], /Omit --task and --size/],
    [[path('tiny.svm'), '--quantize', 'uint8'], /Omit --quantize/],
    [[path('tiny.svm'), '--template', 'chip'], /--template is "chip"/],
    [[path('tiny.svm'), '--template', 'dlib'], /template is for embedders/],
  ] as const)('refuses %j', async ([args, error]) => {
    await expect((async () => addClassical(addArguments([...args])))()).rejects.toThrow(error);
  });
});

describe('convertOriginal', () => {
  const svm = { name: 'tiny.svm', bytes: new Uint8Array(readFileSync(path('tiny.svm'))) };
  const files = [
    { name: 'ssd.caffemodel', bytes: half },
    { name: 'ssd.prototxt', bytes: utf8(description) },
  ];

  test.for([
    ['dlib-hog', [svm]],
    ['opencv-dnn-ssd', files],
  ] as const)('gives a models folder in memory with %s', async ([name, given]) => {
    const { option, models, sha256 } = await convertOriginal(given);
    const read = async (file: string) => (await models(file, new AbortController())) as Uint8Array<ArrayBuffer>;
    const manifest = parseManifest(JSON.parse(new TextDecoder().decode(await read('manifest.json'))), 'manifest.json');
    const [model] = [...manifest.models, ...(manifest.classical ?? [])];
    expect(option).toBe('detector');
    expect(model?.name).toBe(name);
    expect(model?.source.version).toBe(`sha256 ${sha256}`);
    for (const file of model?.files ?? []) expect(await read(file.path)).toHaveLength(file.bytes);
    await expect(read('other.bin')).rejects.toThrow('other.bin');
  });

  test.for([
    [[], {}, 'model-file-unsupported'],
    [[files[0]], {}, 'model-file-unsupported'],
    [[files[1]], {}, 'model-file-unsupported'],
    [[svm, files[0]], {}, 'model-file-unsupported'],
    [[{ name: 'a.onnx', bytes: Uint8Array.of(8, 7, 18) }], {}, 'model-file-unsupported'],
    [[svm], { name: '../svm' }, 'option-invalid'],
  ] as [OriginalFile[], ConvertOriginalOptions, string][])('refuses %#', async ([given, options, code]) => {
    await expect(convertOriginal(given, options)).rejects.toMatchObject({ code });
  });
});

test('a description is recognised by its first field', () => {
  expect(isPrototxt(utf8(description))).toBe(true);
  expect(isPrototxt(utf8('# res10\nname: "res10"\nlayer { }'))).toBe(true);
  for (const text of ['{"name": 1}', '<?xml version="1.0"?>', 'name,age', ''])
    expect(isPrototxt(utf8(text))).toBe(false);
});

test('an Input layer and input_dim describe the input too', () => {
  const head = /^input[\s\S]*?}\n/;
  const layer =
    'layer { name: "in" type: "Input" top: "data" input_param { shape: { dim: 1 dim: 3 dim: 300 dim: 300 } } }\n';
  const { head: expected } = convert(description);
  expect(convert(changed(head, layer)).head).toEqual(expected);
  expect(
    convert(changed(head, 'input: "data" input_dim: 1 input_dim: 3 input_dim: 300 input_dim: 300\n')).head,
  ).toEqual(expected);
});

test.for([
  ['an unknown layer', 'type: "Eltwise"', 'type: "Crop"', 'model-file-unsupported'],
  ['a type with the name of a property of objects', 'type: "Eltwise"', 'type: "constructor"', 'model-file-unsupported'],
  ['a layer of the training', 'type: "Eltwise"', 'type: "Eltwise" include { phase: TRAIN }', 'model-file-unsupported'],
  ['groups', 'num_output: 4\n', 'num_output: 4\n group: 2\n', 'model-file-unsupported'],
  [
    'another order',
    'order: 2\n    order: 3\n    order: 1',
    'order: 3\n    order: 2\n    order: 1',
    'model-file-unsupported',
  ],
  ['three classes', 'num_classes: 2', 'num_classes: 3', 'model-file-unsupported'],
  ['another code', 'CENTER_SIZE', 'CORNER', 'model-file-unsupported'],
  ['no detections', /layer {\n {2}name: "detection_out"[\s\S]*/, '', 'model-file-unsupported'],
  ['an input that is enormous', 'dim: 300', 'dim: 1000000000', 'model-file-unsupported'],
  ['weights of another size', 'num_output: 4\n', 'num_output: 5\n', 'model-file-damaged'],
  ['a filter that is enormous', 'num_output: 4\n', 'num_output: 1e9\n', 'model-file-damaged'],
  ['an input that no layer computes', 'bottom: "data_bn"', 'bottom: "nothing"', 'model-file-damaged'],
  ['a number that is none', 'kernel_size: 7', 'kernel_size: seven', 'model-file-damaged'],
  ['two layers of a name', '"conv1_h"', '"data_bn"', 'model-file-damaged'],
  ['prior boxes of another grid', 'min_size: 30.0', 'aspect_ratio: 3 min_size: 30.0', 'model-file-damaged'],
  ['a message that does not end', /}\s*$/, '', 'model-file-damaged'],
  ['an end without a message', 'input_shape {', 'input_shape }', 'model-file-damaged'],
  ['deep nesting', 'input_shape {', 'a { '.repeat(1000), 'model-file-damaged'],
] as const)('a description with %s is refused', ([, from, to, code]) => {
  const text = changed(from, to);
  expect(codeOf(() => convert(text))).toBe(code);
});

test('truncated and foreign weights are refused', () => {
  for (let length = 0; length < weights.length; length += 4999) {
    expect(codeOf(() => convert(description, weights.subarray(0, length)))).toBe('model-file-damaged');
  }
  for (const bytes of [utf8('<!doctype html>'), new Uint8Array(100).fill(255)]) {
    expect(codeOf(() => readCaffeModel(bytes))).toBe('model-file-damaged');
  }
  // NetParameter.layers: V1LayerParameter.
  expect(codeOf(() => readCaffeModel(Uint8Array.of(0x12, 2, 0x08, 1)))).toBe('model-file-unsupported');
});

test('random damage is refused with a typed error, or converted', () => {
  const random = seeded(7);
  const text = utf8(description);
  for (let i = 0; i < 60; i++) {
    const damagedText = text.slice();
    const model = (i % 2 ? weights : half).slice();
    const bytes = i % 3 ? damagedText : model;
    for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    try {
      convert(new TextDecoder().decode(damagedText), model);
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(FaceNetError);
    }
  }
});
