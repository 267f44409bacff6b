import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { release } from '../../../lib/core/release.ts';

test('states the version of package.json', () => {
  expect(release).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
