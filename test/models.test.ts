import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Manifest, type ModelFile, parseManifest } from '../lib/models/manifest.ts';
import { toInput } from '../lib/models/preprocess.ts';
import { type Progress, ProgressMeter } from '../lib/models/progress.ts';
import { engines } from '../scripts/models/engines.ts';
import { networks } from '../scripts/models/networks.ts';
import { Tflite } from '../scripts/models/tflite.ts';
import { random } from './random.ts';

const folder = new URL('../public/models/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as Manifest;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the manifest', () => {
  const files: ModelFile[] = [...manifest.models.flatMap((model) => model.files), ...manifest.engines];

  test.each(files.map((file) => [file.path, file] as const))('states %s as it was produced', (path, file) => {
    const bytes = readFileSync(new URL(path, folder));
    expect(bytes.length).toBe(file.bytes);
    expect(sha256(bytes)).toBe(file.sha256);
  });

  test('would be the same if it were made again: the preparation is deterministic', () => {
    const made = [...networks(), ...networks()].flatMap(({ descriptor, files }) =>
      files.map(({ path, bytes }) => [`${descriptor.name}/${path}`, sha256(bytes)] as const),
    );
    const stated = new Map(files.map((file) => [file.path, file.sha256]));
    expect(made.length).toBeGreaterThan(20);
    for (const [path, hash] of made) expect(hash, path).toBe(stated.get(path));
    for (const { path, bytes } of engines()) expect(sha256(bytes), path).toBe(stated.get(path));
  });

  test.each(manifest.models.map((model) => [model.name, model] as const))('tells all of %s', (_, model) => {
    expect(model.input.shape).toEqual([-1, model.preprocessing.height, model.preprocessing.width, 3]);
    expect(model.outputs.length).toBeGreaterThan(0);
    for (const text of [model.licence, model.trainingData, model.source.package, model.source.version]) {
      expect(text).toMatch(/\S/);
    }
    expect(model.source.files.length).toBeGreaterThan(0);
    if (model.engine === 'tfjs') expect(model.selfCheck?.values.length).toBeGreaterThan(8);
  });

  test.each([null, {}, 'text', { version: 2, models: [], engines: [] }, { version: 1, models: [] }])(
    'of %j is refused',
    (value) => {
      expect(() => parseManifest(value, 'x/manifest.json')).toThrow(
        expect.objectContaining({ code: 'manifest-invalid', message: expect.stringContaining('x/manifest.json') }),
      );
    },
  );
});

describe('the metadata of the .tflite files', () => {
  test.each(['short', 'full'])('is added to the %s range without touching the network', (range) => {
    const path = `mediapipe-blazeface-${range}/blazeface-${range}.tflite`;
    const enriched = readFileSync(new URL(path, folder));
    const published = `face_detection_${range === 'full' ? 'full_range_sparse' : 'short_range'}.tflite`;
    const original = readFileSync(new URL(`../node_modules/@mediapipe/face_detection/${published}`, import.meta.url));
    expect(enriched.includes('TFLITE_METADATA')).toBe(true);
    expect(enriched.includes('M001')).toBe(true);
    expect(enriched.subarray(enriched.length - original.length).equals(original)).toBe(true);
    const [before, after] = [new Tflite(original), new Tflite(enriched)];
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

  test('subtracts, divides and orders channels as the descriptor says, picture after picture', () => {
    const mean: [number, number, number] = [...rule.mean];
    const std: [number, number, number] = [...rule.std];
    const rgb = toInput([pixels, pixels], { ...rule, mean, std, channels: 'rgb' });
    expect([...rgb]).toEqual([0, 2, 2, 15, 8, 5, 0, 2, 2, 15, 8, 5].map((value) => expect.closeTo(value, 5)));
    const bgr = toInput([pixels], { ...rule, mean, std, channels: 'bgr' });
    expect([...bgr]).toEqual([10, 2, 0, 25, 8, 3].map((value) => expect.closeTo(value, 5)));
  });
});

describe('progress', () => {
  test('never falls, stays within the total, and is 1 once, at the end, whatever happens', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const reports: Progress[] = [];
      const meter = new ProgressMeter((report) => reports.push(report));
      const files = Array.from({ length: 1 + Math.floor(next() * 5) }, () => Math.floor(next() * 1000));
      meter.expect(1);
      meter.advance('first', 1);
      for (const bytes of files) {
        meter.expect(bytes);
        const half = Math.floor(bytes / 2);
        meter.advance('file', half);
        // A file that breaks off is read anew.
        if (next() < 0.3) meter.advance('file', -half);
        else meter.advance('file', bytes - half);
      }
      meter.finish();
      for (const [i, { loaded, total, progress }] of reports.entries()) {
        expect(loaded).toBeLessThanOrEqual(total);
        expect(progress).toBeGreaterThanOrEqual(reports[i - 1]?.progress ?? 0);
        expect(progress === 1).toBe(i === reports.length - 1);
      }
      expect(reports.at(-1)?.loaded).toBe(reports.at(-1)?.total);
    }
  });
});
