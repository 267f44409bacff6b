import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const lib = resolve(import.meta.dirname, '../../lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));
const importsOf = (path: string) =>
  [...withoutComments(readFileSync(join(lib, path), 'utf8')).matchAll(/(?:from |import\()'([^']+)'/g)].map(
    ([, module = '']) => module,
  );
/** Examples in docstrings import other packages. */
const withoutComments = (source: string) => source.replace(/\/\*\*[\s\S]*?\*\//g, '');

/** The packages that files of lib/ may import. */
const packages = /^(@(tensorflow|mediapipe)\/|valibot$|idb$|hash-wasm$)/;

/** The imports between folders are tested in folder-imports.test.ts. */
describe('the files of lib/', () => {
  test('do not import each other in a cycle', () => {
    const state = new Map<string, 'open' | 'done'>();
    const visit = (path: string, trail: string[]): void => {
      if (state.get(path) === 'open') throw new Error(`cycle: ${[...trail, path].join(' → ')}`);
      if (state.has(path)) return;
      state.set(path, 'open');
      for (const module of importsOf(path).filter((name) => name.startsWith('.'))) {
        visit(relative(lib, resolve(lib, dirname(path), module)), [...trail, path]);
      }
      state.set(path, 'done');
    };
    expect(files.length).toBeGreaterThan(25);
    for (const path of files) visit(path, []);
  });

  test('import only lib/ and the allowed packages, and React in lib/react/', () => {
    for (const path of files) {
      for (const module of importsOf(path)) {
        if (module.startsWith('.')) expect(resolve(lib, dirname(path), module).startsWith(lib), path).toBe(true);
        else if (!(module === 'react' && path.startsWith('react/'))) expect(module, path).toMatch(packages);
      }
    }
  });

  test('import TensorFlow.js on demand only, in lib/training/', () => {
    for (const path of files.filter((path) => path.startsWith('training/'))) {
      const source = readFileSync(join(lib, path), 'utf8');
      expect(source, path).not.toMatch(/^import (?!type )[^;]*from '@tensorflow/m);
    }
  });
});
