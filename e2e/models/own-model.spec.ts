import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, ownModels, test } from '../support/library.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const faceres = 'node_modules/@vladmandic/human/models/faceres.json';

/** Runs what `npm run models:add` runs. */
function addModel(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd: root };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/facenet-web.ts', 'add-model', ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

test('an embedder of one’s own is added, loaded and used through the same descriptor', async ({ page }) => {
  rmSync(join(ownModels, 'manifest.json'), { force: true });
  const added = await addModel(faceres, '--preset', 'human-faceres', '--name', 'faceres', '--out', ownModels);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain('1024 dimensions');
  const engines = new Set<string>();
  page.on('request', (request) => engines.add(/engines\/([\w-]+\.wasm)/.exec(request.url())?.[1] ?? 'others'));

  const result = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: ['/own/', '/models/'], embedder: 'faceres' });
    const blob = await photo('/photos/sample6.jpg');
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width / 2, bitmap.height / 2);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const faces = await facenet.embed(blob);
    const again = await facenet.embed(canvas);
    let code = 'no error';
    try {
      facenet.compare(faces[0] as never, again[0] as never);
    } catch (error) {
      if (error instanceof library.FaceNetError) code = error.code;
    }
    const byPlace = (a: { box: { x: number } }, b: { box: { x: number } }) => a.box.x - b.box.x;
    const [first, second] = [faces, again].map((list) => [...list].sort(byPlace).map(({ embedding }) => embedding));
    const distances = first?.map((a) => second?.map((b) => library.cosineDistance(a, b)) ?? []) ?? [];
    const [face] = faces;
    await facenet.dispose();
    return { code, distances, model: face?.model, dimension: face?.embedding.length };
  });
  expect(result).toMatchObject({ code: 'not-calibrated', model: 'faceres', dimension: 1024 });
  // Fused, its operators are those of the kernels: TensorFlow.js is not loaded.
  expect([...engines].sort()).toEqual(['facenet-relaxed-simd.wasm', 'others']);
  expect(result.distances).toHaveLength(4);
  // Half as large, each face is still nearest to itself.
  result.distances.forEach((row, i) => {
    expect(row.indexOf(Math.min(...row))).toBe(i);
  });
});

test('with a calibration it is compared, and its embeddings are refused beside the shipped ones', async ({ page }) => {
  await page.route('**/own/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    manifest.models[0].calibration = { logOdds: [10, -20], thresholds: [{ far: 1e-3, distance: 0.5 }] };
    await route.fulfill({ response, json: manifest });
  });
  const result = await page.evaluate(async () => {
    const own = await library.FaceNet.load({ models: ['/own/', '/models/'], embedder: 'faceres' });
    const shipped = await library.FaceNet.load({ models: '/models/' });
    const blob = await photo('/photos/sample6.jpg');
    const [a] = await own.embed(blob, { maxFaces: 1 });
    const [b] = await shipped.embed(blob, { maxFaces: 1 });
    if (!a || !b) throw new Error('there was no face');
    const { same, threshold } = own.compare(a, a);
    let code = 'no error';
    try {
      own.compare(a, b);
    } catch (error) {
      if (error instanceof library.FaceNetError) code = error.code;
    }
    await own.dispose();
    await shipped.dispose();
    return { same, threshold, code };
  });
  expect(result).toEqual({ same: true, threshold: 0.5, code: 'model-mismatch' });
});

test('what is no embedder is refused with a sentence', async () => {
  const out = ['--name', 'x', '--out', ownModels];
  const refused = async (...args: string[]) => {
    const { code, stderr } = await addModel(...args);
    expect(code, stderr).toBe(stderr.includes('usage:') ? 2 : 1);
    return stderr;
  };
  expect(await refused(faceres, '--preset', 'unknown', ...out)).toContain('usage:');
  expect(await refused(faceres, '--preset', 'arcface', ...out)).toContain('112×112');
  expect(await refused('package.json', '--preset', 'arcface', ...out)).toContain('not a TensorFlow.js graph model');
  expect(await refused('nowhere.json', '--preset', 'arcface', ...out)).toContain('no such file');
  expect(await refused('README.md', '--preset', 'arcface', ...out)).toContain('README.md cannot be converted');
  const hash = '0'.repeat(64);
  expect(await refused(faceres, '--preset', 'human-faceres', '--sha256', hash, ...out)).toMatch(
    /SHA-256 \w{64} instead of 0/,
  );
  expect(await refused(faceres, '--preset', 'human-faceres', '--quantize', 'int4', ...out)).toContain('usage:');
});
