import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { billOfMaterials, bundledPackages } from '../../scripts/sbom/main.ts';

const root = resolve(import.meta.dirname, '../..');
const notice = readFileSync(join(root, 'THIRD_PARTY.md'), 'utf8');

/** What others made, in the built package; `npm test` builds it first. */
describe('what the package is made of', () => {
  test.each(['dist', 'dist/bin'] as const)(
    'is told in THIRD_PARTY.md: every package inside %s, with its version and licence',
    (folder) => {
      const [, section = ''] = notice.split(`## Inside \`${folder}/\``);
      const rows = section.split('\n## ')[0]?.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \|/gm) ?? [];
      const inside = bundledPackages()[folder].map(({ name, version, identifier }) => [name, version, identifier]);
      expect([...rows].map((row) => row.slice(1, 4))).toEqual(inside);
      expect(inside.length).toBeGreaterThan(2);
    },
  );

  test('is told in THIRD_PARTY.md: every network', () => {
    const { models } = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8'));
    for (const { name } of models) expect(notice).toContain(`\`${name}\``);
  });

  test('permits what the package does with it', () => {
    const permissive = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];
    // Its file says: public domain, but for what it took over from pyfive, which is BSD-3-Clause.
    const read: Record<string, string> = { jsfive: 'BSD-3-Clause' };
    for (const { name, identifier } of Object.values(bundledPackages()).flat()) {
      expect(permissive, name).toContain(read[name] ?? identifier);
    }
  });

  test('has a bill of materials that sets what is inside apart from the tools, and lists every file of weights', () => {
    const { components } = billOfMaterials();
    const inside = components.filter(({ scope }) => scope === 'required').map(({ name }) => name);
    for (const { name } of Object.values(bundledPackages()).flat()) expect(inside).toContain(name);
    expect(inside).toContain('dlib-resnet-34');
    expect(inside).not.toContain('vitest');
    expect(components.find(({ name }) => name === 'vitest')?.scope).toBe('excluded');
    expect(JSON.stringify(components)).toContain('dlib-resnet-34/weights.bin');
  });
});
