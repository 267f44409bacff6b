import { describe, expect, test } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { BackendName, ImageSource } from '../../../lib/core/types.ts';
import { FaceNet } from '../../../lib/index.ts';
import { byName, checkLoadOptions, detectionLimits } from '../../../lib/pipeline/options.ts';

const photo = new Blob();
const invalid = (option: string) =>
  expect.objectContaining({ name: 'FaceNetError', code: 'option-invalid', message: expect.stringContaining(option) });

describe('checkLoadOptions()', () => {
  test.each(['cuda', 'WebGL', 'cpu', '', 'toString', null, 7])('rejects the backend %j', (backend) => {
    expect(() => checkLoadOptions({ backend: backend as BackendName })).toThrow(FaceNetError);
    expect(() => checkLoadOptions({ backend: backend as BackendName })).toThrow(invalid('backend'));
  });

  test.each([null, 'log', {}, 7])('rejects %j as onProgress', (onProgress) => {
    expect(() => checkLoadOptions({ onProgress: onProgress as never })).toThrow(invalid('onProgress'));
  });

  test.each([0, -1, 17, 1.5, Number.NaN, '2', null])('rejects %j threads', (threads) => {
    expect(() => checkLoadOptions({ threads: threads as number })).toThrow(invalid('threads'));
  });

  test.each([0, -1, 1.5, 1001, Number.NaN, '2', null])('rejects %j jitters', (jitters) => {
    expect(() => checkLoadOptions({ jitters: jitters as number })).toThrow(invalid('jitters'));
  });

  test.each(['auto', 'webgpu', 'webgl', 'wasm', undefined] as const)('accepts the backend %s', (backend) => {
    expect(() => checkLoadOptions(backend ? { backend } : {})).not.toThrow();
  });

  test('checks the options of FaceNet.load() before any download', async () => {
    await expect(FaceNet.load({ backend: 'cuda' as BackendName })).rejects.toEqual(invalid('backend'));
    await expect(FaceNet.load()).rejects.toEqual(invalid('models'));
    await expect(FaceNet.load({ models: [] })).rejects.toEqual(invalid('models'));
    await expect(FaceNet.load({ models: 'no address' })).rejects.toEqual(invalid('models'));
  });
});

describe('FaceNet.load() in Node', () => {
  test('rejects with model-missing when the server cannot be reached', async () => {
    await expect(FaceNet.load({ models: 'http://127.0.0.1:9/' })).rejects.toMatchObject({ code: 'model-missing' });
  });
});

describe('detectionLimits()', () => {
  test.each([-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY, 'high', {}])('rejects a minScore of %j', (minScore) => {
    expect(() => detectionLimits(photo, { minScore: minScore as number })).toThrow(invalid('minScore'));
  });

  test.each([0, -1, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, 'many', null])('rejects %j maxFaces', (maxFaces) => {
    expect(() => detectionLimits(photo, { maxFaces: maxFaces as number })).toThrow(invalid('maxFaces'));
  });

  test('accepts the ends of each range, and returns the documented defaults', () => {
    expect(detectionLimits(photo, { minScore: 0, maxFaces: 1 })).toMatchObject({ minScore: 0, maxFaces: 1 });
    expect(detectionLimits(photo, { minScore: 1 })).toMatchObject({ minScore: 1 });
    expect(detectionLimits(photo, {})).toEqual({
      minScore: 0.5,
      maxFaces: Number.POSITIVE_INFINITY,
      thorough: true,
      order: 'score',
      minSize: { pixels: 25, share: 0.01 },
    });
    expect(detectionLimits(photo, { minSize: 33 }).minSize).toEqual({ pixels: 33, share: 0 });
  });

  test('defaults to a less thorough search of video frames', () => {
    class VideoFrame {}
    Object.assign(globalThis, { VideoFrame });
    try {
      const frame = new VideoFrame() as ImageSource;
      expect(detectionLimits(frame, {}).thorough).toBe(false);
      expect(detectionLimits(frame, {}).minSize).toEqual({ pixels: 8, share: 0.1 });
      expect(detectionLimits(frame, { thorough: true }).thorough).toBe(true);
    } finally {
      Reflect.deleteProperty(globalThis, 'VideoFrame');
    }
  });
});

describe('byName()', () => {
  const list = [{ name: 'one' }, { name: 'two' }];

  test('returns the item with the given name, or the first item if no name is given', () => {
    expect(byName('detector', list, 'two')).toBe(list[1]);
    expect(byName('detector', list, undefined)).toBe(list[0]);
  });

  test.each(['detector', 'landmarker', 'embedder', 'preset'])(
    'rejects an unknown name of a %s, and lists the known ones',
    (option) => {
      expect(() => byName(option, list, 'ONE')).toThrow(invalid(option));
      expect(() => byName(option, list, 'ONE')).toThrow('"one", "two"');
      expect(() => byName(option, list, '')).toThrow(invalid(option));
      expect(() => byName(option, [], undefined)).toThrow(invalid(option));
    },
  );
});
