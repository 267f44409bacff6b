import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { runScript } from '../support/command.ts';

/** Runs `npm run bench` without its set-up. */
const bench = (...args: string[]) => runScript('scripts/bench/main.ts', ...args);

test('bench --only fast prints its tables and writes every figure', { tag: '@long' }, async () => {
  const file = test.info().outputPath('bench.json');
  const { code, stdout, stderr } = await bench('--only', 'fast', '--rounds', '1', '--json', file);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('| fast |');

  const report = JSON.parse(readFileSync(file, 'utf8'));
  expect(report).toMatchObject({
    machine: { cpu: expect.any(String), cores: expect.any(Number), browser: expect.stringContaining('Chromium') },
    rounds: 1,
    ratios: {},
    attainable: {
      gflops: expect.any(Number),
      twoThreadsGflops: expect.any(Number),
      embedderGflops: expect.any(Number),
    },
  });
  expect(Object.keys(report.systems)).toEqual(['fast']);
  const { fast } = report.systems;
  const time = { median: expect.any(Number), min: expect.any(Number), max: expect.any(Number) };
  expect(fast).toMatchObject({
    backend: 'wasm',
    execution: 'worker',
    imageToEmbedding: { '1': time, '3': time, '10': time },
    stages: { detection: time, landmarks: time, alignment: time, embedding: time },
    starts: { count: 1, cold: time, warm: time },
    answers: { faces: { '1': 1, '3': 3, '10': 10 } },
  });
  expect(fast.tensors, 'the kernels hold no tensors').toBe(0);
  for (const figure of ['coldStart', 'warmStart', 'videoFps', 'peakMemory']) {
    expect(fast[figure], figure).toBeGreaterThan(0);
  }
  const { js, wasm, weights, total } = fast.bytes;
  expect(total).toBe(js + wasm + weights);
  expect(Math.min(js, wasm, weights)).toBeGreaterThan(0);
});

test('bench lists the systems when the name of --only is unknown', async () => {
  const { code, stderr } = await bench('--only', 'quick', '--rounds', '1');
  expect(code).toBe(2);
  expect(stderr).toContain('balanced');
});
