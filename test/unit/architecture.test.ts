import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
const documents = ['ARCHITECTURE.md', ...decisions];

/** Build outputs, which a fresh clone does not have. */
const isOutput = (path: string) => /^(dist|test-results)\//.test(path);

/** The files and folders that a document names in backticks, by their path from the root of the repository. */
function namedPaths(text: string): string[] {
  return [...text.matchAll(/`([\w-]+(?:[/.][\w.-]+)*\/?)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => path.endsWith('/') || /\.(ts|tsx|mjs|js|json|md)$/.test(path))
    .filter((path) => !isOutput(path));
}

/** The rows of the tables that list functions with their file. */
function walkSteps(): { file: string; functions: string[] }[] {
  const rows = read('ARCHITECTURE.md').matchAll(/^\| \w+ \| [^|]+ \| `(lib\/[^`]+\.ts)` \| ([^|]+) \|$/gm);
  return [...rows].map(([, file = '', functions = '']) => ({
    file,
    functions: [...functions.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  }));
}

describe.each(documents)('%s', (document) => {
  test('names files and folders that exist', () => {
    expect(namedPaths(read(document)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('links to files that exist', () => {
    const links = [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  test('names functions that occur in their files', () => {
    const steps = walkSteps();
    expect(steps.length).toBeGreaterThan(20);
    const missing = steps.flatMap(({ file, functions }) => {
      const words = new Set(read(file).match(/#?[\w$]+/g));
      return functions.filter((name) => !words.has(name)).map((name) => `${name} in ${file}`);
    });
    expect(missing).toEqual([]);
  });

  test('lists every decision once', () => {
    const links = [...read('ARCHITECTURE.md').matchAll(/^- \[.*\]\((.+)\)$/gm)].map(([, link = '']) => link);
    expect(links.sort()).toEqual(decisions.sort());
  });
});

describe('the page on dependencies', () => {
  test('lists exactly the development dependencies', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    const rows = read('docs/decisions/034-dependencies.md').match(/^\| `[^|]+/gm) ?? [];
    const listed = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    expect(listed.sort()).toEqual(Object.keys(devDependencies).sort());
  });
});
