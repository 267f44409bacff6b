// npm run sbom: sbom.cdx.json, a CycloneDX bill of materials: what is inside dist/ ("required"), the tools that build and test
// it ("excluded"), and the networks that it carries.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../../lib/models/manifest.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const json = (relative: string): unknown => JSON.parse(readFileSync(path(relative), 'utf8'));

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

/** A package that the build has put into dist/, as the build says it. */
export interface BundledPackage {
  name: string;
  version: string;
  /** The SPDX identifier of its licence. */
  identifier: string;
}

/** What is inside dist/, for pages, and inside dist/bin/, the command. */
export function bundledPackages(): Record<'dist' | 'dist/bin', BundledPackage[]> {
  const read = (folder: string) => json(`${folder}/bundled.json`) as BundledPackage[];
  return { dist: read('dist'), 'dist/bin': read('dist/bin') };
}

/** The bill of materials. */
export function billOfMaterials(): Bom {
  const options = {
    cwd: path('.'),
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
  const { models, engines } = json('public/models/manifest.json') as Manifest;
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
  writeFileSync(path('sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
  const inside = bom.components.filter(({ scope }) => scope === 'required').length;
  process.stdout.write(`sbom.cdx.json: ${inside} components inside the package, ${bom.components.length} in all.\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main);
