import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { readTfjsModel } from '../../../../cli/convert/readers/tfjs-model.ts';
import { readerBeside } from '../../../../cli/read-beside.ts';
import { errorCodeOf } from '../../../support/error-code.ts';

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

test.each([
  ['inputs that are no list', { input: 7 }],
  ['an input that is no name', { input: [null] }],
  ['an attribute of another kind', { op: 'Placeholder', attr: { shape: { shape: { dim: [null] } } } }],
])('refuses a graph with %s as damaged', async (_, node) => {
  const topology = {
    node: [
      { name: 'x', op: 'Placeholder', attr: {} },
      { name: 'y', op: 'Relu', ...node },
    ],
  };
  if ('op' in node) topology.node.shift();
  const json = { format: 'graph-model', modelTopology: topology, weightsManifest: [] };
  const call = readModel('model.json', Buffer.from(JSON.stringify(json)), undefined, {
    readBeside: async () => new Uint8Array(),
  });
  expect(await errorCodeOf(call)).toBe('model-file-damaged');
});
