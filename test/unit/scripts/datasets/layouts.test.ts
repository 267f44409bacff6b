import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assignFolds } from '../../../../scripts/kit/datasets/dataset.ts';
import { openDataset } from '../../../../scripts/kit/datasets/open.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'datasets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const read = (images: ReadonlyMap<string, () => Uint8Array>, key: string) =>
  Buffer.from(images.get(key)?.() ?? []).toString();

const lfwPairs = '1\t1\nAda\t1\t2\nAda\t1\tBob\t1\n';
const people = { 'Ada/Ada_0001.jpg': 'a1', 'Ada/Ada_0002.jpg': 'a2', 'Bob/Bob_0001.jpg': 'b1' };
const below = (prefix: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}/${path}`, content]));

describe('layouts of data sets', () => {
  it('reads LFW', () => {
    write({ 'pairs.txt': lfwPairs, ...below('images', people) });
    const { name, pairs, images } = openDataset(folder);
    expect(name).toBe('LFW');
    expect(pairs).toEqual([
      { fold: 1, same: true, a: 'Ada/Ada_0001.jpg', b: 'Ada/Ada_0002.jpg' },
      { fold: 1, same: false, a: 'Ada/Ada_0001.jpg', b: 'Bob/Bob_0001.jpg' },
    ]);
    expect(read(images, 'Ada/Ada_0002.jpg')).toBe('a2');
  });

  it('reads XQLFW', () => {
    write({ 'xqlfw_pairs.txt': lfwPairs, ...below('variant', people) });
    const { name, pairs, images } = openDataset(folder);
    expect(name).toBe('XQLFW');
    expect(pairs.map(({ fold, same }) => [fold, same])).toEqual([
      [1, true],
      [1, false],
    ]);
    expect(pairs.map(({ a, b }) => read(images, a) + read(images, b))).toEqual(['a1a2', 'a1b1']);
    expect(pairs[1]?.b.split('/')[0]).toBe('Bob');
  });

  it.each(['CALFW', 'CPLFW'])('reads %s', (name) => {
    const lines = ['Ada_0001.jpg 3', 'Ada_0002.jpg 3', 'Ada_0001.jpg 0', 'Bob_0001.jpg 0'];
    const flat = { 'Ada_0001.jpg': 'a1', 'Ada_0002.jpg': 'a2', 'Bob_0001.jpg': 'b1' };
    write({ [`pairs_${name}.txt`]: lines.join('\n'), ...below('images', flat) });
    const dataset = openDataset(folder);
    expect([dataset.name, dataset.hasPeople]).toEqual([name, true]);
    expect(dataset.pairs).toEqual([
      { fold: 3, same: true, a: 'Ada/Ada_0001.jpg', b: 'Ada/Ada_0002.jpg' },
      { fold: 1, same: false, a: 'Ada/Ada_0001.jpg', b: 'Bob/Bob_0001.jpg' },
    ]);
    expect(read(dataset.images, 'Bob/Bob_0001.jpg')).toBe('b1');
  });

  it.each([
    ['agedb_30_pair.txt', (a: string, b: string, label: number) => `${a} ${b} ${label}`],
    ['agedb_30_ann.txt', (a: string, b: string, label: number) => `${label} ${a} ${b}`],
  ])('reads AgeDB-30 with %s', (file, line) => {
    const [a, b, c] = ['0_Maria_35_f.jpg', '1_Maria_70_f.jpg', '2_John_20_m.jpg'];
    write({ [file]: `${line(a, b, 1)}\n${line(a, c, 0)}\n`, ...below('aligned', { [a]: 'a', [b]: 'b', [c]: 'c' }) });
    const { pairs, images, hasPeople } = openDataset(folder);
    expect(hasPeople).toBe(true);
    expect(pairs.map(({ same }) => same)).toEqual([true, false]);
    expect(pairs.map((pair) => read(images, pair.a) + read(images, pair.b))).toEqual(['ab', 'ac']);
    expect(pairs.map((pair) => pair.b.split('/')[0])).toEqual(['Maria', 'John']);
  });

  it('does not guess the people of AgeDB-30 from other file names', () => {
    write({ 'agedb_30_pair.txt': '0.jpg 1.jpg 1\n', '0.jpg': 'a', '1.jpg': 'b' });
    expect(openDataset(folder).hasPeople).toBe(false);
  });

  it('reads CFP-FP', () => {
    const paths = ['001/frontal/01.jpg', '001/profile/01.jpg', '002/profile/01.jpg'];
    const splits = Array.from({ length: 10 }, (_, i) => `Protocol/Split/FP/${String(i + 1).padStart(2, '0')}`);
    write({
      'Protocol/Pair_list_F.txt': `1 ../Data/Images/${paths[0]}\n`,
      'Protocol/Pair_list_P.txt': `1 ../Data/Images/${paths[1]}\r\n2 ../Data/Images/${paths[2]}\r\n`,
      ...Object.fromEntries(
        splits.flatMap((split) => Object.entries(below(split, { 'same.txt': '1,1\n', 'diff.txt': '1,2\n' }))),
      ),
      ...below('Data/Images', Object.fromEntries(paths.map((path) => [path, path]))),
    });
    const { pairs, images, hasPeople, requireImages } = openDataset(folder);
    expect(pairs.map(({ fold, same }) => [fold, same]).slice(0, 3)).toEqual([
      [1, true],
      [1, false],
      [2, true],
    ]);
    expect(pairs).toHaveLength(20);
    expect([hasPeople, pairs[1]?.b.split('/')[0]]).toEqual([true, '002']);
    expect(read(images, pairs[1]?.b as string)).toBe(paths[2]);
    requireImages([...images.keys()]);
  });

  it('reads a verification file of InsightFace', () => {
    const file = join(folder, 'lfw.bin');
    const image = (last: number) => [0x55, 3, 0xff, 0xd8, last];
    writeFileSync(
      file,
      Uint8Array.from([0x80, 2, 0x5d, 0x28, ...image(1), ...image(2), 0x65, 0x5d, 0x88, 0x61, 0x86, 0x2e]),
    );
    const { pairs, images, hasPeople, aligned } = openDataset(file);
    expect([hasPeople, aligned]).toEqual([false, true]);
    expect(pairs).toEqual([{ fold: 1, same: true, a: '000000.jpg', b: '000001.jpg' }]);
    expect([...(images.get('000001.jpg')?.() ?? [])]).toEqual([0xff, 0xd8, 2]);
  });
});

describe('damaged data sets', () => {
  it.each([
    ['no pairs file', {}, /no known pairs file.*pairs_CALFW\.txt/],
    ['no images', { 'pairs_CALFW.txt': 'Ada_0001.jpg 1\nAda_0002.jpg 1\n' }, /Unpack the images/],
    ['an odd number of lines', { 'pairs_CALFW.txt': 'Ada_0001.jpg 1\n' }, /a pair has two/],
    ['different labels', { 'pairs_CPLFW.txt': 'Ada_0001.jpg 1\nAda_0002.jpg 0\n' }, /different labels/],
    ['a malformed line', { 'pairs_CALFW.txt': 'Ada_0001.jpg x\n' }, /Line 1 of .*pairs_CALFW/],
    ['an empty pairs file', { 'agedb_30_pair.txt': '\n' }, /no pairs/],
    ['a label of AgeDB-30', { 'agedb_30_pair.txt': 'a.jpg b.jpg 2\n' }, /Line 1 of/],
    ['a path out of the folder', { 'agedb_30_pair.txt': 'a.jpg ../b.jpg 1\n', 'a.jpg': '' }, /outside/],
    ['half of CFP', { 'Protocol/Pair_list_P.txt': '' }, /Pair_list_F\.txt is missing/],
    ['a .bin file that is no pickle', { 'lfw.bin': 'text' }, /lfw\.bin: The pickle cannot be read/],
  ])('reports %s', (_, files: Record<string, string>, message) => {
    write(files);
    expect(() => openDataset('lfw.bin' in files ? join(folder, 'lfw.bin') : folder)).toThrow(message);
  });

  it('reports missing images of the chosen pairs', () => {
    write({ 'agedb_30_pair.txt': 'a.jpg b.jpg 1\n', 'a.jpg': '' });
    const { requireImages } = openDataset(folder);
    requireImages(['a.jpg']);
    expect(() => requireImages(['a.jpg', 'b.jpg'])).toThrow(/1 images are missing/);
  });

  it('reports a path that does not exist', () => {
    expect(() => openDataset(join(folder, 'nothing'))).toThrow(/does not exist/);
  });
});

describe('folds', () => {
  it('puts pairs into ten equal folds in order, with both kinds in each', () => {
    const pairs = assignFolds(Array.from({ length: 60 }, (_, i) => ({ same: i < 20 })));
    const counts = (same: boolean) => pairs.filter((pair) => pair.same === same).map(({ fold }) => fold);
    expect(counts(true)).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2) + 1));
    expect(counts(false)).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 4) + 1));
  });
});
