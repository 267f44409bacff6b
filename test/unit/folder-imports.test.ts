import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * The folders of lib/ and the folders that each may import, type imports included. Dependencies point down: a folder lists folders of
 * earlier rows only, so that no cycle is possible. ARCHITECTURE.md has the same table, with the job of each folder.
 */
const allowed: [folder: string, imports: string[]][] = [
  ['core', []],
  ['workers', ['core']],
  ['image', ['core']],
  ['image/dlib', ['core']],
  ['models', ['core']],
  ['runtime', ['core', 'image', 'models']],
  ['runtime/tensorflow', ['core', 'models', 'runtime']],
  ['runtime/kernels/wasm', ['models']],
  ['runtime/kernels/threads', ['runtime/kernels/wasm', 'workers']],
  ['runtime/kernels/lowering', ['core', 'models', 'runtime']],
  [
    'runtime/kernels',
    [
      'core',
      'image',
      'models',
      'runtime',
      'runtime/kernels/lowering',
      'runtime/kernels/threads',
      'runtime/kernels/wasm',
    ],
  ],
  [
    'runtime/backends',
    ['core', 'runtime', 'runtime/kernels', 'runtime/kernels/threads', 'runtime/kernels/wasm', 'runtime/tensorflow'],
  ],
  ['detection', ['core', 'image', 'models', 'runtime']],
  ['detection/networks', ['core', 'detection', 'image', 'models', 'runtime']],
  ['detection/networks/anchors', ['core', 'detection', 'image', 'models', 'runtime']],
  ['detection/networks/mtcnn', ['core', 'detection', 'image', 'models', 'runtime']],
  ['detection/networks/mmod', ['core', 'detection', 'image', 'image/dlib', 'models', 'runtime']],
  ['detection/networks/priors', ['core', 'detection', 'image', 'models', 'runtime']],
  ['detection/classical', ['core', 'detection', 'image']],
  ['detection/classical/dlib', ['core', 'detection', 'image', 'image/dlib', 'models']],
  ['landmarks', ['core', 'detection', 'image', 'models', 'runtime']],
  ['landmarks/classical', ['core', 'image', 'image/dlib', 'landmarks', 'models']],
  ['alignment/classical', ['core', 'image', 'image/dlib', 'landmarks']],
  ['alignment', ['alignment/classical', 'core', 'image', 'landmarks']],
  ['quality', ['core', 'image', 'landmarks']],
  ['embedding', ['alignment', 'alignment/classical', 'core', 'image', 'models', 'quality', 'runtime']],
  ['comparison', ['core']],
  [
    'pipeline',
    [
      'alignment',
      'core',
      'detection',
      'detection/classical',
      'detection/classical/dlib',
      'detection/networks',
      'detection/networks/anchors',
      'detection/networks/mmod',
      'detection/networks/mtcnn',
      'detection/networks/priors',
      'embedding',
      'image',
      'landmarks',
      'landmarks/classical',
      'models',
      'runtime',
      'runtime/backends',
      'runtime/kernels/threads',
      'runtime/kernels/wasm',
      'runtime/tensorflow',
      'workers',
    ],
  ],
  ['evaluation', ['comparison', 'core']],
  ['neighbours', ['core']],
  ['clustering', ['comparison', 'core', 'neighbours']],
  ['gallery/crypto', ['core']],
  ['gallery/search', ['comparison', 'core']],
  ['gallery/storage', ['comparison', 'core', 'gallery/crypto']],
  ['gallery', ['comparison', 'core', 'gallery/crypto', 'gallery/search', 'gallery/storage', 'image']],
  ['library/storage', ['comparison', 'core', 'neighbours']],
  ['library/model', ['comparison', 'core', 'library/storage']],
  ['library/people', ['clustering', 'comparison', 'core', 'library/model', 'library/storage', 'neighbours']],
  ['library/photos', ['core', 'image', 'library/model']],
  ['library/session', ['comparison', 'core', 'library/model', 'library/people', 'library/storage', 'neighbours']],
  [
    'library/indexing',
    ['comparison', 'core', 'library/model', 'library/people', 'library/photos', 'library/session', 'library/storage'],
  ],
  [
    'library/exchange',
    ['core', 'gallery', 'gallery/crypto', 'library/indexing', 'library/people', 'library/session', 'library/storage'],
  ],
  [
    'library',
    [
      'comparison',
      'core',
      'library/exchange',
      'library/indexing',
      'library/model',
      'library/people',
      'library/photos',
      'library/session',
      'library/storage',
    ],
  ],
  ['video', ['comparison', 'core', 'detection', 'embedding', 'gallery', 'image', 'pipeline', 'quality']],
  ['.', ['alignment', 'comparison', 'core', 'image', 'models', 'pipeline', 'quality', 'video']],
  ['liveness', ['core', 'image', 'landmarks', 'models', 'pipeline', 'quality', 'runtime', 'runtime/tensorflow']],
  ['training/tensorflow', ['core', 'models', 'runtime/backends', 'runtime/tensorflow']],
  ['training/triplets', ['core', 'training/tensorflow']],
  ['training/classical', ['core', 'detection/classical', 'image']],
  ['training/networks', ['core', 'training/tensorflow', 'training/triplets']],
  ['training/networks/architectures', ['training/networks']],
  ['training/head', ['comparison', 'core', 'evaluation', 'pipeline', 'training/triplets', 'workers']],
  [
    'training',
    [
      'detection/classical',
      'training/classical',
      'training/head',
      'training/networks',
      'training/networks/architectures',
      'training/tensorflow',
      'training/triplets',
    ],
  ],
  ['draw', ['core', 'landmarks']],
  ['element', ['core', 'image', '.', 'video']],
  ['react', ['core', '.', 'video']],
];

const root = resolve(import.meta.dirname, '../..');
const lib = join(root, 'lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));

/** Every folder that a folder imports, with one import as an example. */
const imported = new Map<string, Map<string, string>>();
for (const path of files) {
  const folder = posix.dirname(path.replaceAll('\\', '/'));
  const targets = imported.get(folder) ?? new Map<string, string>();
  imported.set(folder, targets);
  const text = readFileSync(join(lib, path), 'utf8');
  for (const [, module = ''] of text.matchAll(/(?:from |import\(|import |new URL\()'(\.[^']+)'/g)) {
    const target = relative(lib, resolve(lib, dirname(path), module)).replaceAll('\\', '/');
    if (posix.dirname(target) !== folder) targets.set(posix.dirname(target), `${path} imports ${module}`);
  }
}

/** The same list as the rows of a table in ARCHITECTURE.md: folder, job, and the folders that it may import. */
function documentedFolders(): [folder: string, imports: string[]][] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('Folders of the library\n')) ?? '';
  const rows = section.matchAll(/^\| `lib\/(.*?)\/?` \| [^|]+ \| ([^|]+) \|$/gm);
  return [...rows].map(([, folder = '', imports = '']) => [
    folder || '.',
    imports === 'nothing' ? [] : imports.split(', ').map((name) => (name === 'lib' ? '.' : name)),
  ]);
}

describe('the folders of lib/', () => {
  test('are documented in ARCHITECTURE.md in the same order, with the same imports', () => {
    expect(documentedFolders()).toEqual(allowed);
  });

  test('are all listed, each once', () => {
    expect(allowed.map(([folder]) => folder).sort()).toEqual([...imported.keys()].sort());
  });

  test('are allowed to import folders of earlier rows only', () => {
    for (const [row, [folder, imports]] of allowed.entries()) {
      const earlier = allowed.slice(0, row).map(([name]) => name);
      expect(
        imports.filter((name) => !earlier.includes(name)),
        folder,
      ).toEqual([]);
    }
  });

  test.each(allowed)('%s imports exactly what it is allowed to', (folder, imports) => {
    const targets = imported.get(folder) ?? new Map<string, string>();
    const forbidden = [...targets].filter(([target]) => !imports.includes(target)).map(([, example]) => example);
    expect(forbidden).toEqual([]);
    expect(
      imports.filter((name) => !targets.has(name)),
      'allowed but not imported: remove it from the list',
    ).toEqual([]);
  });
});
