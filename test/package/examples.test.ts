import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { examples } from '../../scripts/api/examples.ts';
import { entries } from '../../scripts/kit/entries.ts';

const root = resolve(import.meta.dirname, '../..');
/** Inside the repository, where tsc finds the types of React. */
const folder = join(root, 'test-results/examples');

describe('the examples of README.md, docs/ and the docstrings', () => {
  test('compile against the built package', () => {
    const all = examples();
    expect(all.length).toBeGreaterThan(15);
    for (const place of ['README.md', 'docs/training.md', 'docs/facenet.ko.md', 'lib/facenet.ts']) {
      expect(
        all.some((example) => example.place.startsWith(`${place}:`)),
        place,
      ).toBe(true);
    }
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const nameOf = (i: number) => `example-${i}.tsx`;
    all.forEach(({ code }, i) => {
      writeFileSync(join(folder, nameOf(i)), code);
    });
    cpSync(join(root, 'scripts/api/examples-context.d.ts'), join(folder, 'context.d.ts'));
    const paths = Object.fromEntries(entries().map(({ name, types }) => [name, [join(root, types)]]));
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      strict: true,
      // Examples may take the first face without a check.
      noUncheckedIndexedAccess: false,
      skipLibCheck: true,
      types: [],
      noEmit: true,
      paths,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const complaints = stdout.replace(
      /example-(\d+)\.tsx/g,
      (_, i) => `${all[Number(i)]?.place} (${nameOf(Number(i))})`,
    );
    expect(complaints).toBe('');
  });
});
