import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'facenet-web-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('typedoc builds the documentation without a broken link', { timeout: 300_000 }, () => {
  const build = spawnSync(process.execPath, ['scripts/docs/main.mjs', folder], { cwd: root, encoding: 'utf8' });
  expect(build.status, build.stdout + build.stderr).toBe(0);
  expect(existsSync(join(folder, 'modules'))).toBe(true);
  const page = readFileSync(join(folder, 'classes/index.FaceNet.html'), 'utf8');
  expect(page).toContain('Reads and verifies the weights');
});
