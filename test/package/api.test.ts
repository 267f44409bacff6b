import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

describe('lib/index.ts', () => {
  test('can be imported in Node, without changing globals or printing', () => {
    const script = `
      const before = Reflect.ownKeys(globalThis).map(String).sort();
      const library = await import('./lib/index.ts');
      const after = Reflect.ownKeys(globalThis).map(String).sort();
      const added = after.filter((key) => !before.includes(key));
      console.log(JSON.stringify({ added, removed: before.length + added.length - after.length, exports: Object.keys(library).sort() }));
    `;
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(JSON.parse(printed)).toEqual({
      added: [],
      removed: 0,
      exports: [
        'FaceNet',
        'FaceNetError',
        'cosineDistance',
        'decodeImage',
        'errorCodes',
        'euclideanDistance',
        'qualityAdvice',
        'templates',
      ],
    });
  });

  test('is the entry of the package and of its build', () => {
    const { exports, types } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(exports['.']).toEqual({ types: './dist/types/index.d.ts', import: './dist/facenet-web.js' });
    expect(types).toBe('./dist/types/index.d.ts');
    expect(readFileSync(join(root, 'vite.config.ts'), 'utf8')).toContain(`'facenet-web': path('lib/index.ts')`);
  });

  test('is imported by the demo by its package name only', () => {
    const demo = readdirSync(join(root, 'demo'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.tsx?$/.test(path),
    );
    const imported = demo.flatMap((path) =>
      [...readFileSync(join(root, 'demo', path), 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)].map(([, to]) => to),
    );
    expect(imported).toContain('facenet-web');
    // Principal component analysis is not part of the public API.
    const inside = imported.filter((module) => /\blib\/(?!core\/)/.test(module ?? ''));
    expect(inside).toEqual([]);
  });
});
