import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../lib/models/manifest.ts';
import { parseManifest } from '../../lib/models/manifest-schema.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'facenet-web-copy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command, `npx facenet-web …`; `npm test` builds it first. */
function facenetWeb(args: string[], bin = join(root, 'dist/bin/facenet-web.js')) {
  return spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });
}

function manifestIn(name: string): Manifest {
  const path = join(folder, name, 'manifest.json');
  return parseManifest(JSON.parse(readFileSync(path, 'utf8')), path);
}

const filesOf = ({ models, engines }: Manifest) => [...models.flatMap(({ files }) => files), ...engines];

describe('npx facenet-web', () => {
  test('says what it can do, and its version', () => {
    expect(facenetWeb(['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('copy-models'),
      stderr: '',
    });
    expect(facenetWeb(['copy-models', '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--preset'),
    });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(facenetWeb(['--version']).stdout).toBe(`${version}\n`);
  });

  test.each([
    [[], 'no command given'],
    [['toString'], 'no command "toString"'],
    [['copy-models'], 'one folder'],
    [['copy-models', 'a', 'b'], 'one folder'],
    [['copy-models', 'a', '--nonsense'], '--nonsense'],
  ])('called wrongly it says how, and ends with 2: %j', (args, words) => {
    expect(facenetWeb(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(words) });
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});

describe('npx facenet-web copy-models', () => {
  test('copies what the default preset needs and no more, and a manifest of just that', () => {
    expect(facenetWeb(['copy-models', 'site/models']).status).toBe(0);
    const manifest = manifestIn('site/models');
    const { detector, landmarker, embedder } = manifest.presets?.[0] ?? {};
    const names = manifest.models.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([detector, landmarker, embedder]));
    expect(names).not.toContain('ssd-mobilenet-v1');
    expect(manifest.engines.map(({ name }) => name)).not.toContain('mediapipe-vision');
    for (const file of filesOf(manifest))
      expect(statSync(join(folder, 'site/models', file.path)).size).toBe(file.bytes);
    expect(existsSync(join(folder, 'site/models/ssd-mobilenet-v1'))).toBe(false);
  });

  test('mends what is damaged and leaves alone what is intact', () => {
    const [first, second] = filesOf(manifestIn('site/models')).map(({ path }) => join(folder, 'site/models', path));
    const intact = readFileSync(first as string);
    writeFileSync(first as string, Buffer.alloc(intact.length));
    const { mtimeMs } = statSync(second as string);
    expect(facenetWeb(['copy-models', 'site/models']).status).toBe(0);
    expect(readFileSync(first as string).equals(intact)).toBe(true);
    expect(statSync(second as string).mtimeMs).toBe(mtimeMs);
    expect(facenetWeb(['copy-models', 'site/models']).stdout).toContain('was there already');
  });

  test('a network by name comes with its engine and with what stands in for it', () => {
    expect(facenetWeb(['copy-models', 'named', '--model', 'mediapipe-blazeface-full']).status).toBe(0);
    const { models, engines } = manifestIn('named');
    const named = models.find(({ name }) => name === 'mediapipe-blazeface-full');
    expect(named).toMatchObject({ fallback: 'blazeface-full' });
    expect(models.map(({ name }) => name)).toContain('blazeface-full');
    expect(engines.map(({ name }) => name)).toContain('mediapipe-vision');
  });

  test('an unknown name is an error with the names that there are', () => {
    const { status, stderr } = facenetWeb(['copy-models', 'wrong', '--preset', 'best']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^facenet-web: option-invalid: --preset is "best": use "balanced"/);
    expect(existsSync(join(folder, 'wrong'))).toBe(false);
  });

  test('a damaged package copies nothing that is damaged', () => {
    const damaged = join(folder, 'package');
    mkdirSync(damaged);
    execFileSync('cp', ['-r', join(root, 'dist/bin'), damaged]);
    cpSync(join(root, 'package.json'), join(damaged, 'package.json'));
    cpSync(join(folder, 'site/models'), join(damaged, 'public/models'), { recursive: true });
    const [, second] = filesOf(manifestIn('site/models'));
    writeFileSync(join(damaged, 'public/models', second?.path ?? ''), 'no weights');
    const { status, stderr } = facenetWeb(['copy-models', 'spared'], join(damaged, 'bin/facenet-web.js'));
    expect(status).toBe(1);
    expect(stderr).toContain('facenet-web: model-corrupt: ');
    expect(existsSync(join(folder, 'spared/manifest.json'))).toBe(false);
  });
});
