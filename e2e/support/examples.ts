import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'examples');
/** Inside the repository, so that the projects find the bundlers of the lockfile, and ignored by git. */
const copies = join(root, 'test-results/examples-built');

/** The names of the example projects. */
export const exampleNames = readdirSync(sources);

/** The commands that start a server, a browser or an app: the last of each README. */
const startCommand = /^(npx (sirv-cli|vite preview|electron)|chromium)\b/;

/** The examples whose page a static server serves. */
export const servedExamples = exampleNames.filter((name) =>
  commandsOf(name).some((step) => /^npx (sirv|vite pr)/.test(step)),
);

/** The folder of a built project. */
export function folderOf(name: string): string {
  return join(copies, name);
}

/** The folder with the pages and photos of a built project, which its README serves. */
export function siteOf(name: string): string {
  const folder = folderOf(name);
  const [, site = ''] = readFileSync(join(sources, name, 'README.md'), 'utf8').match(/as `(.*?)a\.jpg`/) ?? [];
  return name === 'vite' ? join(folder, 'dist') : join(folder, site);
}

/**
 * Packs the library as it is published, and installs the tarball once for all projects. It needs no network, because the package has
 * no dependencies.
 */
export function installPackage(): void {
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies, { recursive: true });
  // dist/ is built already: skip the script `prepack`.
  const packed = npm('pack', root, '--ignore-scripts', '--json', '--pack-destination', copies);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  writeFileSync(join(copies, 'package.json'), '{ "private": true }');
  // Tools read the nearest tsconfig.json, and that of the repository maps the package to its sources.
  writeFileSync(join(copies, 'tsconfig.json'), '{}');
  npm('install', `./${filename}`, '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
}

/**
 * Builds a project with the commands of its README, except the installation and {@link startCommand}.
 *
 * @returns the output of the commands.
 */
export async function buildExample(name: string, photos: Record<'a.jpg' | 'b.jpg', string>): Promise<string> {
  const folder = folderOf(name);
  cpSync(join(sources, name), folder, { recursive: true });
  const site = name === 'vite' ? join(folder, 'public') : siteOf(name);
  mkdirSync(site, { recursive: true });
  for (const [file, photo] of Object.entries(photos)) cpSync(photo, join(site, file));
  const steps = commandsOf(name).filter((step) => !/^npm install/.test(step) && !startCommand.test(step));
  let output = '';
  for (const step of steps) output += await run(step, folder);
  return output;
}

/** The commands of a README: its indented lines. */
export function commandsOf(name: string): string[] {
  const lines = readmeOf(name).filter((line) => line.startsWith('    '));
  return lines.flatMap((line) => line.trim().split(' && '));
}

/** The lines of a README that are not empty. */
export function readmeOf(name: string): string[] {
  return readFileSync(join(sources, name, 'README.md'), 'utf8')
    .split('\n')
    .filter(Boolean);
}

function run(step: string, cwd: string): Promise<string> {
  // Like npx, prefer the tools of the nearest node_modules.
  const bins = [join(copies, 'node_modules/.bin'), join(root, 'node_modules/.bin')].filter(existsSync);
  const env = { ...process.env, PATH: [...bins, process.env.PATH].join(delimiter) };
  // The package is installed in the parent folder.
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
