import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = (number: number) => `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`;

/** Runs `npm run --silent verify`; without --silent npm prints the name of the script first. */
function verify(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return verifyWith({}, ...args);
}

function verifyWith(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = {
      cwd: root,
      env: { ...process.env, INIT_CWD: root, ...environment },
      shell: process.platform === 'win32',
    };
    execFile('npm', ['run', '--silent', 'verify', '--', ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test('npm run verify --json prints one object and nothing else, and its exit code is the verdict', async () => {
  const same = await verify(sample(1), sample(1), '--json');
  expect(same.code, same.stderr).toBe(0);
  const report = JSON.parse(same.stdout);
  expect(Object.keys(report).sort()).toEqual(['a', 'b', 'backend', 'distance', 'models', 'same', 'threshold']);
  expect(report).toMatchObject({ same: true, distance: 0, backend: 'wasm' });
  expect(Object.keys(report.models).sort()).toEqual(['detector', 'embedder', 'landmarker']);
  expect(report.a.faces).toHaveLength(3);
  expect(Object.keys(report.a.faces[0]).sort()).toEqual(['box', 'score']);

  const different = await verify(sample(1), sample(6), '--json');
  expect(different.code, different.stderr).toBe(1);
  const { distance, threshold, same: verdict } = JSON.parse(different.stdout);
  expect(verdict).toBe(false);
  expect(distance).toBeGreaterThan(threshold);
});

/** A picture of one colour, as the simplest file that a browser can show: a bitmap of 8×8 pixels. */
function plainBitmap(): Buffer {
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

test('npm run verify tells what is wrong on standard error, with exit code 2', async () => {
  const faceless = test.info().outputPath('faceless.bmp');
  writeFileSync(faceless, plainBitmap());
  for (const [photo, words] of [
    ['no-such-photo.jpg', 'no such file'],
    ['package.json', 'could not be decoded'],
    [faceless, 'no face was found'],
  ] as const) {
    const { code, stdout, stderr } = await verify(sample(1), photo, '--json');
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  }
  expect((await verify(sample(1))).code).toBe(2);
});

test('npm run verify does not take a failed set-up for a verdict', async () => {
  const { code, stderr } = await verifyWith({ CHROMIUM_PATH: '/no/such/chromium' }, sample(1), sample(1));
  expect(code).toBe(2);
  expect(stderr).toContain('Setting up failed');
});
