import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'facenet-web-tarball-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Needs the built package, which `npm test` builds first. */
describe('the tarball', () => {
  let paths: string[];
  let tarball: Uint8Array<ArrayBuffer>;

  beforeAll(() => {
    const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    const [{ files, filename }] = JSON.parse(packed) as [{ files: { path: string }[]; filename: string }];
    paths = files.map(({ path }) => path);
    tarball = new Uint8Array(readFileSync(join(folder, filename)));
  });

  test('contains the library, the command, the models and the documents, and nothing else', () => {
    const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
      bin: Record<string, string>;
    };
    const named = [...Object.values(exports).flatMap((target) => Object.values(target)), ...Object.values(bin)];
    const { models, engines } = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8')) as {
      models: { files: { path: string }[] }[];
      engines: { path: string }[];
    };
    for (const needed of [
      'LICENSE',
      'README.md',
      'THIRD_PARTY.md',
      'SECURITY.md',
      'PRIVACY.md',
      'CHANGELOG.md',
      'public/models/manifest.json',
      ...[...models.flatMap(({ files }) => files), ...engines].map(({ path }) => `public/models/${path}`),
      ...named.filter((path) => path.startsWith('./dist/')).map((path) => path.slice(2)),
    ]) {
      expect(paths).toContain(needed);
    }
    expect(paths.filter((path) => !/^(dist|public\/models)\/|^[A-Z_]+(\.md)?$|^package\.json$/.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(map|tsbuildinfo|tgz|log)$|(^|\/)\.|\.test\./.test(path))).toEqual([]);
  });

  test('passes publint', async () => {
    const { messages } = await publint({ strict: true, pack: { tarball: tarball.buffer } });
    expect(messages).toEqual([]);
  });

  test('passes "Are the types wrong?" for ECMAScript modules', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(tarball), { excludeEntrypoints: [/models/] });
    expect(analysis.types).toBeTruthy();
    const problems = 'problems' in analysis ? analysis.problems : [];
    // The package supports `import`, and resolutions that read `exports`.
    const intended = problems.filter(
      (problem) =>
        (problem.kind === 'CJSResolvesToESM' && problem.resolutionKind === 'node16-cjs') ||
        (problem.kind === 'NoResolution' && problem.resolutionKind === 'node10'),
    );
    expect(problems.filter((problem) => !intended.includes(problem))).toEqual([]);
  });
});
