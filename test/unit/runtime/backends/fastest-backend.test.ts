import { expect, test } from 'vitest';
import type { BackendName } from '../../../../lib/core/types.ts';
import { findFastest, type Measurement } from '../../../../lib/runtime/backends/fastest-backend.ts';

/** Compares backends whose networks take the given times; records what was started, timed and freed. */
async function compare(
  times: Partial<Record<BackendName, number | Error>>,
  remembered?: Measurement,
): Promise<{ winner: string; events: string[]; measured: unknown; rejected: unknown }> {
  const events: string[] = [];
  const backend = (name: BackendName) => ({
    name,
    async time() {
      events.push(`time ${name}`);
      const time = times[name] as number | Error;
      if (typeof time !== 'number') throw time;
      return time;
    },
    dispose: () => void events.push(`free ${name}`),
  });
  const contenders = (['webgpu', 'webgl'] as const)
    .filter((name) => name in times)
    .map((name) => ({
      name,
      async start() {
        events.push(`start ${name}`);
        return backend(name);
      },
    }));
  const { winner, measured, rejected } = await findFastest(backend('wasm'), contenders, remembered);
  return { winner: winner.name, events, measured, rejected };
}

test('keeps the kernels unless another backend is faster by a third', async () => {
  const { winner, events, measured } = await compare({ wasm: 12, webgpu: 9.1 });
  expect(winner).toBe('wasm');
  expect(events).toEqual(['time wasm', 'start webgpu', 'time webgpu', 'free webgpu']);
  expect(measured).toEqual([
    { name: 'wasm', milliseconds: 12 },
    { name: 'webgpu', milliseconds: 9.1 },
  ]);
});

test('selects a backend that takes three quarters of the time', async () => {
  expect((await compare({ wasm: 12, webgpu: 9 })).winner).toBe('webgpu');
});

test('selects the fastest of several, and frees the slower one', async () => {
  const { winner, events } = await compare({ wasm: 12, webgpu: 6, webgl: 5 });
  expect(winner).toBe('webgl');
  expect(events).toContain('free webgpu');
  expect(events).not.toContain('free webgl');
  expect((await compare({ wasm: 12, webgpu: 5, webgl: 6 })).winner).toBe('webgpu');
});

test('frees a backend that fails while it is timed, and reports the reason', async () => {
  const { winner, events, rejected } = await compare({ wasm: 12, webgpu: new Error('the device was lost'), webgl: 3 });
  expect(winner).toBe('webgl');
  expect(events).toContain('free webgpu');
  expect(rejected).toEqual([{ name: 'webgpu', reason: 'the device was lost' }]);
});

test('times nothing on a device whose measurement is remembered, and starts its winner only', async () => {
  const measured = [
    { name: 'wasm' as const, milliseconds: 12 },
    { name: 'webgl' as const, milliseconds: 4 },
  ];
  const again = await compare({ wasm: 12, webgpu: 1, webgl: 4 }, { name: 'webgl', measured });
  expect(again).toEqual({ winner: 'webgl', events: ['start webgl'], measured, rejected: [] });
  expect((await compare({ wasm: 12, webgpu: 1 }, { name: 'wasm', measured })).events).toEqual([]);
});
