import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** The types of signatures.ts by those of AssemblyScript. */
const types: Record<string, string> = {
  usize: 'Address',
  u32: 'Bytes',
  i32: 'Integer',
  f32: 'Float',
  f64: 'Double',
  bool: 'Flag',
};

/** The parameters in a list, as `name: type`. */
const parameters = (list: string) => [...list.matchAll(/(\w+): (\w+)/g)].map(([, name, type]) => `${name}: ${type}`);

/** The parameters of the functions that assembly/index.ts exports. */
function assemblyScriptSignatures(): Record<string, string[]> {
  const exported = [...read('assembly/index.ts').matchAll(/export \{ ([^}]+) \}/g)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  const sources = readdirSync(new URL('assembly', root))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`assembly/${file}`))
    .join('\n');
  return Object.fromEntries(
    exported.map((name) => {
      const [, list = ''] = new RegExp(`^export function ${name}\\(([^)]*)\\): void`, 'm').exec(sources) ?? [];
      return [name, parameters(list).map((parameter) => parameter.replace(/\w+$/, (type) => types[type] ?? type))];
    }),
  );
}

/** The parameters that signatures.ts declares. */
function declaredSignatures(): Record<string, string[]> {
  const source = read('lib/runtime/kernels/wasm/signatures.ts');
  const declarations = /interface KernelParameters \{(.*?)^\}/ms.exec(source)?.[1] ?? '';
  return Object.fromEntries(
    [...declarations.matchAll(/(\w+): \[([^\]]*)\]/g)].map(([, name = '', list = '']) => [name, parameters(list)]),
  );
}

test('the declared parameters of every kernel are those of its AssemblyScript source', () => {
  const expected = assemblyScriptSignatures();
  expect(Object.keys(expected).length).toBeGreaterThan(10);
  for (const list of Object.values(expected)) expect(list.length).toBeGreaterThan(2);
  expect(declaredSignatures()).toEqual(expected);
});
