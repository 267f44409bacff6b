import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, FaceNetError, type FaceNetErrorCode } from '../../../lib/core/errors.ts';
import type { BackendName, ImageSource } from '../../../lib/core/types.ts';
import { FaceNet } from '../../../lib/index.ts';
import { byName, checkLoadOptions, detectionLimits } from '../../../lib/pipeline/options.ts';

const photo = new Blob();
const invalid = (option: string) =>
  expect.objectContaining({ name: 'FaceNetError', code: 'option-invalid', message: expect.stringContaining(option) });

describe('load options', () => {
  test.each(['cuda', 'WebGL', 'cpu', '', 'toString', null, 7])('refuse the backend %j by name', (backend) => {
    expect(() => checkLoadOptions({ backend: backend as BackendName })).toThrow(FaceNetError);
    expect(() => checkLoadOptions({ backend: backend as BackendName })).toThrow(invalid('backend'));
  });

  test.each([null, 'log', {}, 7])('refuse %j as onProgress by name', (onProgress) => {
    expect(() => checkLoadOptions({ onProgress: onProgress as never })).toThrow(invalid('onProgress'));
  });

  test.each([0, -1, 17, 1.5, Number.NaN, '2', null])('refuse %j threads', (threads) => {
    expect(() => checkLoadOptions({ threads: threads as number })).toThrow(invalid('threads'));
  });

  test.each(['auto', 'webgpu', 'webgl', 'wasm', undefined] as const)('allow the backend %s', (backend) => {
    expect(() => checkLoadOptions(backend ? { backend } : {})).not.toThrow();
  });

  test('are checked before anything is fetched', async () => {
    await expect(FaceNet.load({ backend: 'cuda' as BackendName })).rejects.toEqual(invalid('backend'));
    await expect(FaceNet.load({ models: [] })).rejects.toEqual(invalid('models'));
    await expect(FaceNet.load({ models: 'no address' })).rejects.toEqual(invalid('models'));
  });
});

describe('detection options', () => {
  test.each([-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY, 'high', {}])('refuse a minScore of %j', (minScore) => {
    expect(() => detectionLimits(photo, { minScore: minScore as number })).toThrow(invalid('minScore'));
  });

  test.each([0, -1, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, 'many', null])('refuse %j maxFaces', (maxFaces) => {
    expect(() => detectionLimits(photo, { maxFaces: maxFaces as number })).toThrow(invalid('maxFaces'));
  });

  test('allow the ends of their ranges, and have the defaults that are documented', () => {
    expect(detectionLimits(photo, { minScore: 0, maxFaces: 1 })).toMatchObject({ minScore: 0, maxFaces: 1 });
    expect(detectionLimits(photo, { minScore: 1 })).toMatchObject({ minScore: 1 });
    expect(detectionLimits(photo, {})).toEqual({
      minScore: 0.5,
      maxFaces: Number.POSITIVE_INFINITY,
      thorough: true,
      minSize: { pixels: 20, share: 0.01 },
    });
    expect(detectionLimits(photo, { minSize: 33 }).minSize).toEqual({ pixels: 33, share: 0 });
  });

  test('look less thoroughly at video, unless asked to', () => {
    class VideoFrame {}
    Object.assign(globalThis, { VideoFrame });
    try {
      const frame = new VideoFrame() as ImageSource;
      expect(detectionLimits(frame, {}).thorough).toBe(false);
      expect(detectionLimits(frame, {}).minSize).toEqual({ pixels: 8, share: 0.05 });
      expect(detectionLimits(frame, { thorough: true }).thorough).toBe(true);
    } finally {
      Reflect.deleteProperty(globalThis, 'VideoFrame');
    }
  });
});

describe('names', () => {
  const list = [{ name: 'one' }, { name: 'two' }];

  test('stand for what has them, and none for the first', () => {
    expect(byName('detector', list, 'two')).toBe(list[1]);
    expect(byName('detector', list, undefined)).toBe(list[0]);
  });

  test.each(['detector', 'landmarker', 'embedder', 'preset'])('that are wrong are refused as the %s', (option) => {
    expect(() => byName(option, list, 'ONE')).toThrow(invalid(option));
    expect(() => byName(option, list, '')).toThrow(invalid(option));
    expect(() => byName(option, [], undefined)).toThrow(invalid(option));
  });
});

describe('errors', () => {
  test.each(Object.keys(errorCodes) as FaceNetErrorCode[])('%s makes a FaceNetError that tells itself', (code) => {
    const error = new FaceNetError(code, 'Do this.');
    expect(error).toBeInstanceOf(FaceNetError);
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(code);
    expect(String(error)).toBe('FaceNetError: Do this.');
    expect(error.cause).toBeUndefined();
    expect(errorCodes[code]).toMatch(/\S.*\.$/);
  });

  test('carry whatever caused them', () => {
    for (const cause of [new TypeError('deep'), 'text', null]) {
      expect(new FaceNetError('image-unreadable', 'Do this.', { cause }).cause).toBe(cause);
    }
  });

  test('use every code of the list somewhere in the library, and no other', () => {
    const lib = resolve(import.meta.dirname, '../../../lib');
    const used = readdirSync(lib, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => [...readFileSync(join(lib, path), 'utf8').matchAll(/new FaceNetError\(\s*'([a-z-]+)'/g)])
      .map(([, code]) => code);
    expect([...new Set(used)].sort()).toEqual(Object.keys(errorCodes).sort());
  });
});
