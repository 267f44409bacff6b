// Sets a clone up: the dependencies, the weights, and with --browser a Chromium. It does only what is missing.
// Plain JavaScript on Node's own modules: it runs before the dependencies are installed. Messages go to standard error,
// because the standard output of some commands that run it first is data.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumVersion, findChromium, installChromium } from '../kit/chromium.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const flags = new Set(process.argv.slice(2));

try {
  checkNodeVersion();
  installDependencies();
  if (!flags.has('--no-models')) prepareModels();
  if (flags.has('--browser')) checkBrowser();
} catch (error) {
  print(`Setting up failed: ${error instanceof Error ? error.message : error}`);
  // Not 1, which is a result of some of the commands that run this first.
  process.exit(2);
}

function checkNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`);
  }
}

/** Installs the dependencies of the lockfile, unless they are installed. */
function installDependencies() {
  const stamp = 'node_modules/.facenet-web-lock';
  const lock = sha256('package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  print('Installing the dependencies …');
  run('npm', 'ci', '--loglevel=error', '--no-audit', '--no-fund');
  writeFileSync(stamp, lock);
}

/** Prepares the weights, unless every file of the manifest exists and has the stated hash. */
function prepareModels() {
  if (modelsAreIntact()) return;
  print('Preparing the weights …');
  run(process.execPath, 'node_modules/tsx/dist/cli.mjs', 'scripts/prepare/main.ts', '--keep-manifest');
  if (!modelsAreIntact()) throw new Error('the prepared weights differ from public/models/manifest.json');
}

function modelsAreIntact() {
  const folder = 'public/models';
  if (!existsSync(join(folder, 'manifest.json'))) return false;
  const { models, engines } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  return [...models.flatMap((/** @type {{ files: unknown[] }} */ model) => model.files), ...engines].every((file) => {
    const path = join(folder, file.path);
    return existsSync(path) && sha256(path) === file.sha256;
  });
}

function checkBrowser() {
  print(`Browser: ${chromiumVersion(findChromium() ?? installChromium())}`);
}

function sha256(/** @type {string} */ path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function run(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (error) throw error;
  if (status !== 0) throw new Error(`"${command} ${args.join(' ')}" exited with ${status}`);
}

function print(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`);
}
