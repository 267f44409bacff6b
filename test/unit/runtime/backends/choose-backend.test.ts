import { expect, test } from 'vitest';
import { FaceNetError } from '../../../../lib/core/errors.ts';
import { chooseBackend } from '../../../../lib/runtime/backends/choose-backend.ts';

const auto = { requested: 'auto', rejected: [] } as const;

test('chooses the first backend that starts and runs the networks', async () => {
  const options = [
    { name: 'webgpu', start: () => Promise.reject(new Error('no adapter')) },
    { name: 'webgl', start: async () => 'wrong' },
    { name: 'wasm', start: async () => 'right', threads: 2 },
  ] as const;
  const prepare = async (started: string) => {
    if (started === 'wrong') throw new FaceNetError('backend-unavailable', 'the self-check fails');
    return started;
  };
  const { choice, prepared } = await chooseBackend(options, { ...auto, rejected: [] }, undefined, prepare);
  expect(prepared).toBe('right');
  expect(choice).toMatchObject({
    name: 'wasm',
    threads: 2,
    rejected: [
      { name: 'webgpu', reason: 'no adapter' },
      { name: 'webgl', reason: 'the self-check fails' },
    ],
  });
});

test('rejects with the reason of an abort while a backend starts, even one that never ends', async () => {
  const controller = new AbortController();
  const options = [{ name: 'webgl', start: () => new Promise<string>(() => {}) }] as const;
  const choosing = chooseBackend(options, { ...auto, rejected: [] }, controller.signal, async (started) => started);
  controller.abort('no longer needed');
  await expect(choosing).rejects.toBe('no longer needed');
});

test('rejects with the error of a missing file instead of trying another backend', async () => {
  const missing = new FaceNetError('model-missing', 'weights.bin is missing: copy it.');
  const options = [
    { name: 'webgl', start: async () => 'webgl' },
    { name: 'wasm', start: async () => 'wasm' },
  ] as const;
  const tried: string[] = [];
  const choosing = chooseBackend(options, { ...auto, rejected: [] }, undefined, async (started) => {
    tried.push(started);
    throw missing;
  });
  await expect(choosing).rejects.toBe(missing);
  expect(tried).toEqual(['webgl']);
});
