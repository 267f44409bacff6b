import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TfliteFile } from '../../../cli/convert/readers/tflite/tflite-file.ts';
import type { Manifest, ModelFile } from '../../../lib/models/manifest.ts';
import { parseManifest } from '../../../lib/models/manifest-schema.ts';
import { toInput } from '../../../lib/runtime/preprocess.ts';
import { engines } from '../../../scripts/prepare/engines.ts';
import { networks } from '../../../scripts/prepare/networks/networks.ts';
import { fusions, presets } from '../../../scripts/prepare/presets.ts';

const folder = new URL('../../../public/models/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as Manifest;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the manifest', () => {
  const files: ModelFile[] = [...manifest.models.flatMap((model) => model.files), ...manifest.engines];

  test.each(files.map((file) => [file.path, file] as const))('states the size and the SHA-256 of %s', (path, file) => {
    const bytes = readFileSync(new URL(path, folder));
    expect(bytes.length).toBe(file.bytes);
    expect(sha256(bytes)).toBe(file.sha256);
  });

  test('is the same when the models are prepared again', async () => {
    const prepared = [...networks(), ...networks()].flatMap(({ descriptor, files }) =>
      files.map(({ path, bytes }) => [`${descriptor.name}/${path}`, sha256(bytes)] as const),
    );
    const expected = new Map(files.map((file) => [file.path, file.sha256]));
    expect(prepared.length).toBeGreaterThan(20);
    for (const [path, hash] of prepared) expect(hash, path).toBe(expected.get(path));
    for (const { path, bytes } of await engines()) expect(sha256(bytes), path).toBe(expected.get(path));
  });

  test.each(manifest.models.map((model) => [model.name, model] as const))('describes %s completely', (_, model) => {
    expect(model.input.shape).toEqual([-1, model.preprocessing.height, model.preprocessing.width, 3]);
    expect(model.outputs.length).toBeGreaterThan(0);
    for (const text of [model.licence, model.trainingData, model.source.package, model.source.version]) {
      expect(text).toMatch(/\S/);
    }
    expect(model.source.files.length).toBeGreaterThan(0);
    if (model.engine === 'tfjs') {
      expect(model.selfCheck?.map(({ values }) => values.length)).toEqual(
        model.outputs.map(({ shape }) =>
          Math.min(
            16,
            shape.slice(1).reduce((a, b) => a * b, 1),
          ),
        ),
      );
    }
  });

  test('contains the presets and their calibrations', () => {
    expect(manifest.presets).toEqual(presets());
    expect(manifest.fusions).toEqual(fusions());
  });

  test('passes its own validation unchanged', () => {
    expect(parseManifest(manifest, 'manifest.json')).toEqual(manifest);
  });

  const invalidModels: [string, (model: Record<string, unknown>) => void][] = [
    ['no files', (model) => Object.assign(model, { files: [] })],
    ['a path to another host', (model) => Object.assign(model, { files: [{ ...files[0], path: '//evil/x' }] })],
    ['a path to a parent folder', (model) => Object.assign(model, { files: [{ ...files[0], path: '../x' }] })],
    ['an invalid SHA-256', (model) => Object.assign(model, { files: [{ ...files[0], sha256: 'abc' }] })],
    ['an unknown task', (model) => Object.assign(model, { task: 'guessing' })],
    ['no preprocessing', (model) => Reflect.deleteProperty(model, 'preprocessing')],
    ['no name', (model) => Reflect.deleteProperty(model, 'name')],
  ];

  test.each(invalidModels)('is rejected for a model with %s, with the field', (_, invalidate) => {
    const copy = structuredClone(manifest);
    invalidate(copy.models[0] as unknown as Record<string, unknown>);
    expect(() => parseManifest(copy, 'x/manifest.json')).toThrow(
      expect.objectContaining({ code: 'manifest-invalid', message: expect.stringContaining('models.0') }),
    );
  });

  test('is rejected for a fusion whose weights do not add up to 1', () => {
    const copy = structuredClone(manifest);
    copy.fusions = [{ name: 'x', parts: [1, 0.2].map((weight) => ({ embedder: 'mobilefacenet', weight })) }];
    expect(() => parseManifest(copy, 'x/manifest.json')).toThrow(/fusions\.0\.parts: the weights must add up to 1/);
  });

  test.each([null, {}, 'text', { version: 2, models: [], engines: [] }, { version: 1, models: [] }])(
    'is rejected when it is %j',
    (value) => {
      expect(() => parseManifest(value, 'x/manifest.json')).toThrow(
        expect.objectContaining({ code: 'manifest-invalid', message: expect.stringContaining('x/manifest.json') }),
      );
    },
  );
});

describe('the metadata of the .tflite files', () => {
  test.each(['short', 'full'])('is added to the %s range without changing the network', (range) => {
    const path = `mediapipe-blazeface-${range}/blazeface-${range}.tflite`;
    const enriched = readFileSync(new URL(path, folder));
    const published = `face_detection_${range === 'full' ? 'full_range_sparse' : 'short_range'}.tflite`;
    const original = readFileSync(
      new URL(`../../../node_modules/@mediapipe/face_detection/${published}`, import.meta.url),
    );
    expect(enriched.includes('TFLITE_METADATA')).toBe(true);
    expect(enriched.includes('M001')).toBe(true);
    expect(enriched.subarray(enriched.length - original.length).equals(original)).toBe(true);
    const [before, after] = [new TfliteFile(original), new TfliteFile(enriched)];
    expect(after.operators.map(({ name, inputs, output }) => [name, inputs, output])).toEqual(
      before.operators.map(({ name, inputs, output }) => [name, inputs, output]),
    );
    expect(after.inputs).toEqual(before.inputs);
    expect(after.outputs).toEqual(before.outputs);
  });
});

describe('preprocessing', () => {
  const pixels = { width: 1, height: 2, data: Uint8ClampedArray.from([10, 20, 30, 255, 40, 50, 60, 255]) };
  const rule = { width: 1, height: 2, mean: [10, 10, 10], std: [2, 5, 10] } as const;

  test('subtracts the mean, divides by std and orders the channels of every picture', () => {
    const mean: [number, number, number] = [...rule.mean];
    const std: [number, number, number] = [...rule.std];
    const rgb = toInput([pixels, pixels], { ...rule, mean, std, channels: 'rgb' });
    expect([...rgb]).toEqual([0, 2, 2, 15, 8, 5, 0, 2, 2, 15, 8, 5].map((value) => expect.closeTo(value, 5)));
    const bgr = toInput([pixels], { ...rule, mean, std, channels: 'bgr' });
    expect([...bgr]).toEqual([10, 2, 0, 25, 8, 3].map((value) => expect.closeTo(value, 5)));
    const floats = { width: 1, height: 2, data: Float32Array.from([10.5, 20, 30.25, 40, 50, 60]) };
    const unrounded = toInput([floats], { ...rule, mean, std, channels: 'rgb' });
    expect([...unrounded]).toEqual([0.25, 2, 2.025, 15, 8, 5].map((value) => expect.closeTo(value, 5)));
  });
});
