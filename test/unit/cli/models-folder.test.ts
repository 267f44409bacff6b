import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readManifestOf, sha256, writeNetwork } from '../../../cli/models-folder.ts';
import type { ModelFile } from '../../../lib/models/manifest.ts';
import { ProgressMeter } from '../../../lib/models/progress.ts';
import { ModelStore } from '../../../lib/models/store.ts';
import { readManifest } from '../../../scripts/kit/manifest.ts';

const model = readManifest().models.find(({ name }) => name === 'blazeface-short');
if (!model) throw new Error('The models folder has no blazeface-short.');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facenet-web-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes the network with files of one text each. */
const write = (text: string, ...paths: string[]) =>
  writeNetwork(
    folder,
    readManifestOf(folder),
    model,
    paths.map((path) => ({ path, bytes: Buffer.from(text) })),
  );

const contents = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  );

test('a network that cannot be written completely leaves the folder as it was', () => {
  write('old', 'a/model.json', 'a/weights.bin');
  const before = contents();
  expect(Object.values(before)).toHaveLength(3);
  // A folder in the place of the second file's temporary name: it cannot be written, like one on a full disk.
  mkdirSync(join(folder, `a/weights.bin.${process.pid}.tmp`));
  writeFileSync(join(folder, `a/weights.bin.${process.pid}.tmp`, 'full'), '');
  expect(() => write('new', 'a/model.json', 'a/weights.bin')).toThrow();
  rmSync(join(folder, `a/weights.bin.${process.pid}.tmp`), { recursive: true, force: true });
  expect(contents()).toEqual(before);
  write('new', 'a/model.json', 'a/weights.bin');
  expect(readFileSync(join(folder, 'a/weights.bin'), 'utf8')).toBe('new');
  expect(Object.keys(contents())).toEqual(Object.keys(before));
});

test('a network that was replaced in part is told when it is loaded', async () => {
  const path = 'a/model.json';
  const bytes = Buffer.from('old');
  const files = [{ path, bytes: bytes.length, sha256: sha256(bytes) }];
  writeNetwork(folder, readManifestOf(folder), { ...model, files }, [{ path, bytes }]);
  const store = await ModelStore.open(async (name) => readFileSync(join(folder, name)));
  const file = store.models('detection')[0]?.files[0] as ModelFile;
  const read = () => store.read(file, new ProgressMeter(undefined));
  expect(Buffer.from(await read()).toString()).toBe('old');
  // add-model was killed between the renames of this file and of the manifest.
  writeFileSync(join(folder, path), 'new');
  await expect(read()).rejects.toMatchObject({
    code: 'model-corrupt',
    message: expect.stringMatching(/model\.json is damaged.*add-model was interrupted, run it again/),
  });
});
