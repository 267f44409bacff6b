import { writeFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { runNpm, runScript } from '../support/command.ts';
import { isLong } from '../support/sampling.ts';

const sample = (number: number) => `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`;

/** Runs `npm run verify` without its set-up. */
const verify = (...args: string[]) => runScript('scripts/verify/main.ts', ...args);

test('npm run verify --json prints one object, and exits with 1 for photos of different people', async () => {
  const { code, stdout, stderr } = await runNpm('verify', [sample(1), sample(6), '--json']);
  expect(code, stderr).toBe(1);
  const report = JSON.parse(stdout);
  const verdict = ['basis', 'distance', 'probability', 'same', 'threshold'];
  expect(Object.keys(report).sort()).toEqual(['a', 'b', 'backend', 'models', ...verdict].sort());
  expect(report).toMatchObject({ same: false, basis: 'quality', backend: 'wasm' });
  expect(report.distance).toBeGreaterThan(report.threshold);
  expect(Object.keys(report.models).sort()).toEqual(['detector', 'embedder', 'landmarker']);
  expect(report.a.faces).toHaveLength(3);
  expect(Object.keys(report.a.faces[0]).sort()).toEqual(['box', 'score']);
});

test('verify exits with 0 for two photos of the same person', async () => {
  const { code, stdout, stderr } = await verify(sample(1), sample(1), '--json');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ same: true, distance: 0 });
});

/** A grey bitmap of 8 × 8 pixels. */
function greyBitmap(): Buffer {
  const file = Buffer.alloc(54 + 8 * 8 * 3, 0x7f);
  file.fill(0, 0, 54);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(8, 18);
  file.writeInt32LE(8, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

test('verify exits with 2 and writes the error to standard error', async () => {
  const faceless = test.info().outputPath('faceless.bmp');
  writeFileSync(faceless, greyBitmap());
  for (const [photos, message] of [
    [[sample(1)], 'usage:'],
    [[sample(1), 'no-such-photo.jpg'], 'no such file'],
    ...(isLong ? ([[['package.json', faceless], 'could not be decoded']] as const) : []),
    [[faceless, faceless], 'no face was found'],
  ] as const) {
    const { code, stdout, stderr } = await verify(...photos, '--json');
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  }
});

test('npm run verify exits with 2 when its set-up fails', async () => {
  const { code, stderr } = await runNpm('verify', [sample(1), sample(1)], { CHROMIUM_PATH: '/no/such/chromium' });
  expect(code).toBe(2);
  expect(stderr).toContain('Setting up failed');
});
