import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'examples');
/** Inside the repository, so that a fixture finds the bundlers that the lockfile pins, and outside of what git keeps. */
const copies = join(root, 'test-results/fixtures');

/** Every fixture project by name. */
export const fixtureNames = readdirSync(sources);

/** Where a fixture's photos and pages lie once it is built: what its README has served. */
export function siteOf(name: string): string {
  const folder = join(copies, name);
  const [, site = ''] = readFileSync(join(sources, name, 'README.md'), 'utf8').match(/as `(.*?)a\.jpg`/) ?? [];
  return name === 'vite' ? join(folder, 'dist') : join(folder, site);
}

/**
 * Packs the library as it would be published and installs the tarball beside the fixtures, once for all of them and without
 * the network: it has no dependencies.
 */
export function installPackage(): void {
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies, { recursive: true });
  // dist/ is built: what would build it again is left out.
  const packed = npm('pack', root, '--ignore-scripts', '--json', '--pack-destination', copies);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  writeFileSync(join(copies, 'package.json'), '{ "private": true }');
  // Some tools read the nearest one, and the repository's own leads from the package's name to its sources.
  writeFileSync(join(copies, 'tsconfig.json'), '{}');
  npm('install', `./${filename}`, '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
}

/**
 * Takes a fixture from an empty folder to a site by the commands of its README, but for installing, which was done for all
 * of them, and serving, which the test does.
 *
 * @returns what the commands said.
 */
export async function buildFixture(name: string, photos: Record<'a.jpg' | 'b.jpg', string>): Promise<string> {
  const folder = join(copies, name);
  cpSync(join(sources, name), folder, { recursive: true });
  const site = name === 'vite' ? join(folder, 'public') : siteOf(name);
  mkdirSync(site, { recursive: true });
  for (const [file, photo] of Object.entries(photos)) cpSync(photo, join(site, file));
  const steps = commandsOf(name).filter((step) => !/^npm install|^npx (sirv-cli|vite preview)/.test(step));
  let said = '';
  for (const step of steps) said += await run(step, folder);
  return said;
}

/** The commands of a fixture's README, which stand indented in at most five lines. */
export function commandsOf(name: string): string[] {
  const lines = readmeOf(name).filter((line) => line.startsWith('    '));
  return lines.flatMap((line) => line.trim().split(' && '));
}

/** The lines of a fixture's README that are not empty. */
export function readmeOf(name: string): string[] {
  return readFileSync(join(sources, name, 'README.md'), 'utf8')
    .split('\n')
    .filter(Boolean);
}

function run(step: string, cwd: string): Promise<string> {
  // As npx does: the tools of the nearest node_modules come first.
  const bins = [join(copies, 'node_modules/.bin'), join(root, 'node_modules/.bin')].filter(existsSync);
  const env = { ...process.env, PATH: [...bins, process.env.PATH].join(delimiter) };
  // `node_modules/facenet-web` is one folder further up here, where it was installed for all.
  const command = step.replaceAll('npx ', '').replaceAll(' node_modules/', ' ../node_modules/');
  return new Promise((resolve, reject) => {
    const child: ChildProcess = execFile('/bin/sh', ['-c', command], { cwd, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}: ${stdout}${stderr}`));
      else resolve(stdout + stderr);
    });
    child.stdin?.end();
  });
}

function npm(...args: string[]): string {
  return execFileSync('npm', args, { cwd: copies, encoding: 'utf8', shell: process.platform === 'win32' });
}
