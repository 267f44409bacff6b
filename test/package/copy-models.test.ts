import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Manifest, ModelDescriptor } from '../../lib/models/manifest.ts';
import { parseManifest } from '../../lib/models/manifest-schema.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'facenet-web-copy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command `facenet-web`, which `npm test` builds first. */
function facenetWeb(args: string[], bin = join(root, 'dist/bin/facenet-web.js')) {
  return spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });
}

function manifestIn(name: string): Manifest {
  const path = join(folder, name, 'manifest.json');
  return parseManifest(JSON.parse(readFileSync(path, 'utf8')), path);
}

const filesOf = ({ models, engines }: Manifest) => [...models.flatMap(({ files }) => files), ...engines];

describe('npx facenet-web', () => {
  test('prints its help and its version', () => {
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
  ])('exits with 2 and prints the error for the arguments %j', (args, words) => {
    expect(facenetWeb(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(words) });
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});

describe('npx facenet-web copy-models', () => {
  test('copies the models of the default preset only, and a manifest of them', () => {
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

  test('replaces damaged files and keeps intact ones', () => {
    const [first, second] = filesOf(manifestIn('site/models')).map(({ path }) => join(folder, 'site/models', path));
    const intact = readFileSync(first as string);
    writeFileSync(first as string, Buffer.alloc(intact.length));
    const { mtimeMs } = statSync(second as string);
    expect(facenetWeb(['copy-models', 'site/models']).status).toBe(0);
    expect(readFileSync(first as string).equals(intact)).toBe(true);
    expect(statSync(second as string).mtimeMs).toBe(mtimeMs);
    expect(facenetWeb(['copy-models', 'site/models']).stdout).toContain('was there already');
  });

  test('copies a model by name, with its engine and its fallback', () => {
    expect(facenetWeb(['copy-models', 'named', '--model', 'mediapipe-blazeface-full']).status).toBe(0);
    const { models, engines } = manifestIn('named');
    const named = models.find(({ name }) => name === 'mediapipe-blazeface-full');
    expect(named).toMatchObject({ fallback: 'blazeface-full' });
    expect(models.map(({ name }) => name)).toContain('blazeface-full');
    expect(engines.map(({ name }) => name)).toContain('mediapipe-vision');
  });

  test('keeps the networks that earlier calls copied in the manifest', () => {
    facenetWeb(['copy-models', 'twice', '--preset', 'accurate']);
    const before = manifestIn('twice');
    expect(facenetWeb(['copy-models', 'twice', '--preset', 'fast']).status).toBe(0);
    const after = manifestIn('twice');
    expect(after.presets?.map(({ name }) => name)).toEqual(expect.arrayContaining(['accurate', 'fast']));
    expect(after.models).toEqual(expect.arrayContaining(before.models));
    writeFileSync(join(folder, 'twice/manifest.json'), '{');
    expect(facenetWeb(['copy-models', 'twice', '--preset', 'fast']).status).toBe(0);
    expect(manifestIn('twice').presets?.map(({ name }) => name)).not.toContain('accurate');
  });

  test.each([
    ['own', '--preset', 'fast'],
    ['own-all', '--all'],
  ])('keeps entries of other models, with their calibration: %s', (target, ...options) => {
    expect(facenetWeb(['copy-models', target, '--preset', 'fast']).status).toBe(0);
    const before = manifestIn(target);
    const embedder = before.models.find(({ task }) => task === 'embedding') as ModelDescriptor;
    const calibration = { logOdds: [10, -20], thresholds: [{ far: 1e-3, distance: 0.5 }] };
    const own = { ...embedder, name: 'own-embedder', calibration };
    const [file] = own.files;
    const { licence, trainingData, source } = own;
    const predictor = { kind: 'shape-predictor', scheme: 'dlib-5', name: 'dlib-5', files: [file] };
    const parts = [own.name, embedder.name].map((name) => ({ embedder: name, weight: 0.5 }));
    const changed = {
      ...before,
      models: [...before.models, own],
      classical: [{ ...predictor, licence, trainingData, source }],
      fusions: [...(before.fusions ?? []), { name: 'own-fusion', parts }],
    };
    writeFileSync(join(folder, target, 'manifest.json'), JSON.stringify(changed));
    const { status, stdout } = facenetWeb(['copy-models', target, ...options]);
    expect(status).toBe(0);
    expect(stdout).toContain('own-embedder');
    const { models, classical, fusions } = manifestIn(target);
    expect(models.filter(({ name }) => name === 'own-embedder')).toEqual([own]);
    expect(classical).toEqual(changed.classical);
    expect(fusions?.filter(({ name }) => name === 'own-fusion')).toHaveLength(1);
  });

  test('reports a manifest that cannot be read instead of replacing it', () => {
    mkdirSync(join(folder, 'unreadable/manifest.json'), { recursive: true });
    const { status, stderr } = facenetWeb(['copy-models', 'unreadable', '--preset', 'fast']);
    expect(status).toBe(1);
    expect(stderr).toContain('EISDIR');
    expect(existsSync(join(folder, 'unreadable/engines'))).toBe(false);
  });

  test('rejects an unknown preset and lists the known ones', () => {
    const { status, stderr } = facenetWeb(['copy-models', 'wrong', '--preset', 'best']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^facenet-web: option-invalid: --preset is "best": use "balanced"/);
    expect(existsSync(join(folder, 'wrong'))).toBe(false);
  });

  test('writes no manifest when a file of the package is damaged', () => {
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
