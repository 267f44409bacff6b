import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readTfjsModel } from '../../../../cli/convert/readers/tfjs-model.ts';
import { readerBeside } from '../../../../cli/read-beside.ts';

const parent = mkdtempSync(join(tmpdir(), 'facenet-web-model-'));
const folder = join(parent, 'model');
afterAll(() => rmSync(parent, { recursive: true }));

/** Reads a model of one weight of four bytes, stored in the given files. */
async function read(...paths: unknown[]) {
  const node = [{ name: 'w', op: 'Const' }];
  const weights = [{ name: 'w', shape: [1], dtype: 'float32' }];
  const json = { format: 'graph-model', modelTopology: { node }, weightsManifest: [{ paths, weights }] };
  const bytes = Buffer.from(JSON.stringify(json));
  const path = join(folder, 'model.json');
  return readTfjsModel({ path, bytes, architecture: undefined, readBeside: readerBeside(path) });
}

test('reads weight files only below the folder of the model', async () => {
  mkdirSync(join(folder, 'part'), { recursive: true });
  writeFileSync(join(parent, 'secret.bin'), 'data');
  writeFileSync(join(folder, 'part/weights.bin'), 'data');
  symlinkSync(join(parent, 'secret.bin'), join(folder, 'link.bin'));
  expect((await read('part/weights.bin')).weights).toHaveLength(4);
  for (const path of ['../secret.bin', join(parent, 'secret.bin'), 'part/../../secret.bin', 'link.bin', 7]) {
    await expect(read(path)).rejects.toThrow(/beside model.json/);
  }
});

test('rejects weight files of another length than the weights', async () => {
  writeFileSync(join(folder, 'short.bin'), 'dat');
  writeFileSync(join(folder, 'long.bin'), 'datas');
  for (const path of ['short.bin', 'long.bin']) await expect(read(path)).rejects.toThrow(/bytes instead of 4/);
});
