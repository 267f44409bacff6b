import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('package-lock.json has a SHA-512 for every package, and no other registry than npm’s', () => {
  const { packages }: { packages: Record<string, { integrity?: string; resolved?: string; link?: true }> } = JSON.parse(
    readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  );
  const installed = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);
  expect(installed.length).toBeGreaterThan(100);
  for (const [path, { integrity, resolved }] of installed) {
    expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    if (resolved) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
  }
});
