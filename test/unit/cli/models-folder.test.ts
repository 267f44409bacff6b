import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readManifestOf, writeNetwork } from '../../../cli/models-folder.ts';
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
