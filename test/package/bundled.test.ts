import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { billOfMaterials, bundledPackages } from '../../scripts/sbom/main.ts';

const root = resolve(import.meta.dirname, '../..');
const notice = readFileSync(join(root, 'THIRD_PARTY.md'), 'utf8');

/** Needs the built package, which `npm test` builds first. */
describe('THIRD_PARTY.md', () => {
  test.each(['dist', 'dist/bin'] as const)(
    'lists every package bundled in %s, with its version and licence',
    (folder) => {
      const [, section = ''] = notice.split(`## Inside \`${folder}/\``);
      const rows = section.split('\n## ')[0]?.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \|/gm) ?? [];
      const inside = bundledPackages()[folder].map(({ name, version, identifier }) => [name, version, identifier]);
      expect([...rows].map((row) => row.slice(1, 4))).toEqual(inside);
      expect(inside.length).toBeGreaterThan(2);
    },
  );

  test('lists every network', () => {
    const { models } = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8'));
    for (const { name } of models) expect(notice).toContain(`\`${name}\``);
  });

  test('lists permissive licences only', () => {
    const permissive = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];
    // Its licence file: public domain, except the parts of pyfive, which are BSD-3-Clause.
    const actual: Record<string, string> = { jsfive: 'BSD-3-Clause' };
    for (const { name, identifier } of Object.values(bundledPackages()).flat()) {
      expect(permissive, name).toContain(actual[name] ?? identifier);
    }
  });
});

describe('the bill of materials', () => {
  test('lists bundled packages as required, tools as excluded, and every file of weights', () => {
    const { components } = billOfMaterials();
    const inside = components.filter(({ scope }) => scope === 'required').map(({ name }) => name);
    for (const { name } of Object.values(bundledPackages()).flat()) expect(inside).toContain(name);
    expect(inside).toContain('mobilefacenet');
    expect(inside).not.toContain('vitest');
    expect(components.find(({ name }) => name === 'vitest')?.scope).toBe('excluded');
    expect(JSON.stringify(components)).toContain('mobilefacenet/weights.bin');
  });
});
