// The examples of README.md, docs/ and the docstrings, as modules that compile and run.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../kit/paths.ts';
import { committedReports } from './reports.ts';

/** A code block of the documentation. */
export interface Example {
  /** Its file and line. */
  place: string;
  /** The block as a module, with imports from facenet-web. Other undeclared names are in examples-context.d.ts. */
  code: string;
}

/** Every example, those of README.md first. */
export function examples(): Example[] {
  const sources = readdirSync(repositoryPath('lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const documents = ['', 'recipes/'].flatMap((folder) =>
    readdirSync(repositoryPath(`docs/${folder}`))
      .filter((path) => path.endsWith('.md'))
      .map((path) => `${folder}${path}`),
  );
  return [
    ...['README.md', ...documents.sort().map((path) => `docs/${path}`)].flatMap(inDocument),
    ...sources.sort().flatMap((path) => inDocstrings(join('lib', path))),
  ];
}

function inDocument(path: string): Example[] {
  const text = readFileSync(repositoryPath(path), 'utf8');
  return [...text.matchAll(/^```tsx?\n([\s\S]*?)^```/gm)].map(({ 1: code = '', index }) => ({
    place: `${path}:${lineAt(text, index)}`,
    code: asModule(code),
  }));
}

function inDocstrings(path: string): Example[] {
  const text = readFileSync(repositoryPath(path), 'utf8');
  return [...text.matchAll(/^ *\* @example\n((?: *\* ?.*\n)+?) *\*\//gm)].map(({ 1: lines = '', index }) => ({
    place: `${path}:${lineAt(text, index)}`,
    code: asModule(lines.replace(/^ *\* ?/gm, '').replace(/^```\w*\n/gm, '')),
  }));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Adds the imports that an example omits, and wraps calls of React hooks in a component. */
function asModule(code: string): string {
  const imported = [...code.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
    names.split(/[\s,]+/),
  );
  const missing = [...exported()].filter(
    ([name]) => new RegExp(`(?<![.\\w])${name}\\b`).test(code) && !imported.includes(name),
  );
  const imports = missing.map(([name, module]) => `import { ${name} } from '${module}';`);
  const isHook = /^const .* = use[A-Z]/m.test(code);
  const body = isHook && !code.includes('function ') ? `function Example() {\n${code}\nreturn null;\n}\n` : code;
  const component = isHook || code.includes('useFaceNet') ? body.match(/function (\w+)/)?.[1] : undefined;
  return [...imports, body, component ? `export { ${component} as Component };` : 'export {};', ''].join('\n');
}

/** The entry point of each value that the package exports, and of the React hooks that examples use. */
function exported(): Map<string, string> {
  const reports = Object.entries(committedReports()).reverse();
  const pairs = reports.flatMap(([file, report]) => {
    const entry = file.replace('.api.md', '').replace(/^facenet-web-/, 'facenet-web/');
    return [...report.matchAll(/^export (?:declare )?(?:abstract )?(?:class|function|const) (\w+)/gm)].map(
      ([, name = '']) => [name, entry] as const,
    );
  });
  return new Map([...pairs, ['useRef', 'react']]);
}
