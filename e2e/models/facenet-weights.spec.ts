import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { frozenFacenet } from '../../test/support/published/frozen-facenet.ts';
import { expect, ownModels, test } from '../support/library.ts';

test('the packed command adds a frozen graph of FaceNet, which then embeds faces', { tag: '@long' }, async ({
  page,
}) => {
  // The command writes 94 MB, and runs the network in plain JavaScript.
  test.slow();
  // A folder without node_modules above it.
  const away = mkdtempSync(join(tmpdir(), 'facenet-web-command-'));
  const out = join(ownModels, 'facenet');
  try {
    cpSync(fileURLToPath(new URL('../../dist/bin', import.meta.url)), away, { recursive: true });
    const bytes = frozenFacenet(1).encode();
    writeFileSync(join(away, '20180402-114759.pb'), bytes);
    writeFileSync(join(away, 'package.json'), '{ "type": "module" }');
    const hash = createHash('sha256').update(bytes).digest('hex');
    const args = ['facenet-web.js', 'add-model', '20180402-114759.pb', '--preset', 'facenet-2018'];
    const more = ['--sha256', hash, '--quantize', 'uint8', '--out', out];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...more], { cwd: away });
    expect(stdout).toContain('"facenet-2018", 512 dimensions, 24.0 MB');
    expect(stdout).toMatch(/Quantised to uint8, .* a cosine distance of \d\.\de-\d/);
  } finally {
    rmSync(away, { recursive: true });
  }
  const { models } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  expect(models).toHaveLength(1);
  expect(models[0]).toMatchObject({
    preprocessing: { width: 160, height: 160, channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [128, 128, 128] },
    source: { files: ['20180402-114759.pb'], conversion: expect.stringContaining('frozen graph') },
  });

  const result = await page.evaluate(async () => {
    // The self-check compares the network with the answer that the command computed in plain JavaScript.
    const models = ['/own/facenet/', '/models/'];
    const facenet = await library.FaceNet.load({ models, preset: 'fast', embedder: 'facenet-2018' });
    const blob = await photo('/photos/sample6.jpg');
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width / 2, bitmap.height / 2);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const byPosition = (a: { box: { x: number } }, b: { box: { x: number } }) => a.box.x - b.box.x;
    const faces = (await facenet.embed(blob, { minSize: 100 })).sort(byPosition);
    const again = (await facenet.embed(canvas, { minSize: 50 })).sort(byPosition);
    const { embedder } = facenet.models;
    await facenet.dispose();
    return {
      embedder,
      lengths: faces.map(({ embedding }) => [embedding.length, Math.hypot(...embedding)]),
      distances: faces.map((a) => again.map((b) => library.euclideanDistance(a.embedding, b.embedding))),
    };
  });
  expect(result.embedder).toBe('facenet-2018');
  expect(result.distances).toHaveLength(4);
  for (const [dimension, length] of result.lengths) {
    expect(dimension).toBe(512);
    expect(length).toBeCloseTo(1, 4);
  }
  // Even with random weights, the nearest embedding to each face is that of the same face in the half-size photo.
  result.distances.forEach((row, i) => {
    expect(row.indexOf(Math.min(...row))).toBe(i);
  });
});
