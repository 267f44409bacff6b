// npm run sbom: writes sbom.cdx.json, a CycloneDX bill of materials of the packages bundled in dist/ ("required"), the
// development tools ("excluded") and the networks.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildLibrary } from '../kit/build-library.ts';
import { isMainModule, runCommand } from '../kit/command.ts';
import { readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';

interface Component {
  'bom-ref': string;
  type: string;
  name: string;
  version: string;
  scope?: 'required' | 'excluded';
  [more: string]: unknown;
}

interface Bom {
  metadata: { component: Component };
  components: Component[];
  [more: string]: unknown;
}

/** A package that is bundled in dist/, as the build lists it. */
export interface BundledPackage {
  name: string;
  version: string;
  /** The SPDX identifier of its licence. */
  identifier: string;
}

/** The packages bundled in dist/, for pages, and in dist/bin/, the command. */
export function bundledPackages(): Record<'dist' | 'dist/bin', BundledPackage[]> {
  const read = (folder: string) =>
    JSON.parse(readFileSync(repositoryPath(`${folder}/bundled.json`), 'utf8')) as BundledPackage[];
  return { dist: read('dist'), 'dist/bin': read('dist/bin') };
}

/** The bill of materials of the last build. */
export function billOfMaterials(): Bom {
  const options = {
    cwd: repositoryPath(),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32',
  } as const;
  const bom = JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], options)) as Bom;
  const bundled = new Set(
    Object.values(bundledPackages())
      .flat()
      .map(({ name, version }) => `${name}@${version}`),
  );
  const { models, engines } = readManifest();
  const networks = models.map(
    ({ name, files, licence, source }): Component => ({
      'bom-ref': `model:${name}`,
      type: 'machine-learning-model',
      name,
      version: source.version,
      scope: 'required',
      description: `of ${source.package}; ${source.conversion}`,
      licenses: [{ license: { name: licence } }],
      components: files.map(fileComponent),
    }),
  );
  bom.metadata.component.name = 'facenet-web';
  const packages = bom.components.map(
    (component): Component => ({
      ...component,
      scope: bundled.has(`${component.name}@${component.version}`) ? 'required' : 'excluded',
    }),
  );
  return { ...bom, components: [...packages, ...networks, ...engines.map(fileComponent)] };
}

function fileComponent({ path, sha256 }: { path: string; sha256: string }): Component {
  const hashes = [{ alg: 'SHA-256', content: sha256 }];
  return { 'bom-ref': `file:${path}`, type: 'file', name: path, version: sha256.slice(0, 12), hashes };
}

async function main(): Promise<undefined> {
  buildLibrary();
  const bom = billOfMaterials();
  writeFileSync(repositoryPath('sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
  const inside = bom.components.filter(({ scope }) => scope === 'required').length;
  process.stdout.write(`sbom.cdx.json: ${inside} components in the package, ${bom.components.length} in total.\n`);
  return undefined;
}

if (isMainModule(import.meta.url)) runCommand('usage: npm run sbom', main);
