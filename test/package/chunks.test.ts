import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sharedChunks } from '../../vite.config.ts';

const root = resolve(import.meta.dirname, '../..');

test.each(Object.entries(sharedChunks))('every path of the shared chunk %s exists', (_, paths) => {
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
