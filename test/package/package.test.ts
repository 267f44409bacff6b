import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { reports } from '../../scripts/api/main.ts';
import { committedReports } from '../../scripts/api/reports.ts';
import { entries } from '../../scripts/kit/entries.ts';
import { budgets, sizes, sizesInReadme } from '../../scripts/sizes/main.ts';

const root = resolve(import.meta.dirname, '../..');
const consumer = mkdtempSync(join(tmpdir(), 'facenet-web-consumer-'));
afterAll(() => rmSync(consumer, { recursive: true }));

/** Needs the built package, which `npm test` builds first. */
describe('the package', () => {
  test('can be imported in Node and exports the public API', async () => {
    const before = Object.keys(globalThis);
    const library = await import(pathToFileURL(join(root, 'dist/facenet-web.js')).href);
    expect(Object.keys(library).sort()).toEqual([
      'FaceNet',
      'FaceNetError',
      'cosineDistance',
      'decodeImage',
      'errorCodes',
      'euclideanDistance',
      'qualityAdvice',
      'templates',
    ]);
    expect(Object.keys(globalThis)).toEqual(before);
    await expect(library.FaceNet.load({ models: 'no address' })).rejects.toMatchObject({ name: 'FaceNetError' });
  });

  test('imports no engine statically', () => {
    expect(readFileSync(join(root, 'dist/facenet-web.js'), 'utf8')).not.toMatch(/^import .*engines/m);
  });

  test.each(entries())('$name is within its size budget, and as large as README.md states', ({ name }) => {
    const bytes = sizes()[name] ?? Number.NaN;
    expect(bytes).toBeLessThanOrEqual(budgets[name] ?? 0);
    // The tolerance covers the differences between versions of zlib.
    expect(Math.abs(bytes - (sizesInReadme()[name] ?? 0)), 'npm run sizes -- --write').toBeLessThan(0.02 * bytes + 50);
  });

  test('has the public types of the reports in api/', () => {
    const [now, before] = [reports(), committedReports()];
    for (const file of Object.keys({ ...now, ...before })) {
      expect(now[file], `${file}: npm run api -- --write, and a line in CHANGELOG.md`).toBe(before[file]);
    }
  });

  test('imports its bindings in Node without defining the element, for server rendering', async () => {
    const element = await import(pathToFileURL(join(root, 'dist/element.js')).href);
    expect(Object.keys(element)).toEqual(['FaceNetElement']);
    expect(globalThis.customElements).toBeUndefined();
    const react = await import(pathToFileURL(join(root, 'dist/react.js')).href);
    expect(Object.keys(react).sort()).toEqual(['useCamera', 'useFaceNet', 'usePhotoFaces', 'useVideoFaces']);
    // Servers that render React need the directive.
    expect(readFileSync(join(root, 'dist/react.js'), 'utf8')).toMatch(/^["']use client["'];/);
  });

  test('has declarations that import no other package', () => {
    const outside: string[] = [];
    const seen = new Set<string>();
    const read = (path: string) => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const [, module = ''] of readFileSync(path, 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)) {
        if (module.startsWith('.')) read(resolve(dirname(path), module.replace(/\.ts$/, '.d.ts')));
        else outside.push(`${path}: ${module}`);
      }
    };
    read(join(root, 'dist/types/index.d.ts'));
    expect(seen.size).toBeGreaterThan(5);
    expect(outside).toEqual([]);
  });

  test.each(['bundler', 'nodenext'] as const)('type-checks in a project with module resolution %s', (resolution) => {
    const check = () =>
      typeCheck(
        `import { type EmbeddedFace, FaceNet, FaceNetError } from 'facenet-web';
       await using facenet = await FaceNet.load({ backend: 'wasm', onProgress: ({ progress }) => progress.toFixed() });
       const [face]: EmbeddedFace[] = await facenet.embed(new Blob([]), { maxFaces: 1 });
       if (face) facenet.compare(face, face).same satisfies boolean;
       const one: EmbeddedFace = await facenet.embed(document.createElement('video'), face as EmbeddedFace);
       one.embedding satisfies Float32Array;
       // @ts-expect-error: unknown backend
       await FaceNet.load({ backend: 'cuda' });
       // @ts-expect-error: not a picture
       await facenet.detect(3);
       new FaceNetError('disposed', 'gone').code satisfies string;`,
        resolution,
      );
    expect(check).not.toThrow();
  });

  // A declaration that another entry has would hide that it is missing here.
  test.each(['gallery', 'library', 'liveness', 'draw'])('type-checks in a project that imports %s alone', (name) => {
    expect(() => typeCheck(`export type * from 'facenet-web/${name}';`, 'bundler')).not.toThrow();
  });

  test('has a command whose files import only each other and Node', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    const path = join(root, bin['facenet-web'] ?? '');
    expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    for (const file of readdirSync(dirname(path)).filter((name) => name.endsWith('.js'))) {
      const modules = readFileSync(join(dirname(path), file), 'utf8').matchAll(
        /(?:\bfrom\s*["']|\bimport\s*["']|\bimport\s*\(\s*[`"'])([^`"'\n]+)/g,
      );
      for (const [, module = ''] of modules)
        expect(module.startsWith('./') || isBuiltin(module), `${file}: ${module}`).toBe(true);
    }
    const asked = spawnSync(process.execPath, [path], { cwd: consumer, encoding: 'utf8' });
    expect([asked.status, asked.stdout]).toEqual([2, '']);
    expect(asked.stderr).toContain('add-model');
    const without = spawnSync(process.execPath, [path, 'add-model'], { cwd: consumer, encoding: 'utf8' });
    expect(without.stderr).toContain('--preset');
  });
});

/** Compiles a module in a project that has installed the package, with the declarations of the package. */
function typeCheck(code: string, resolution: 'bundler' | 'nodenext'): void {
  mkdirSync(join(consumer, 'node_modules'), { recursive: true });
  rmSync(join(consumer, 'node_modules/facenet-web'), { force: true });
  symlinkSync(root, join(consumer, 'node_modules/facenet-web'), 'junction');
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(consumer, 'index.ts'), code);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
  const flags = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--types', ''];
  const args = [tsc, ...flags, '--module', module, '--moduleResolution', resolution, 'index.ts'];
  execFileSync(process.execPath, args, { cwd: consumer, encoding: 'utf8' });
}
