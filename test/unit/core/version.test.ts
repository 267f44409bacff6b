import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../../../lib/core/version.ts';

test('is the version in package.json', () => {
  const path = new URL('../../../package.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8')).version).toBe(version);
});
