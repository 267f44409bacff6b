// Makes a fresh clone ready: dependencies, weights, and with --browser a Chromium; then checks each of them.
// Plain JavaScript on Node's own modules, since it runs before anything is installed. It tells what it does on standard
// error, so that a command whose standard output is data can run it first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumVersion, findChromium, installChromium } from '../kit/chromium.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const asked = new Set(process.argv.slice(2));

try {
  requireNode();
  installDependencies();
  if (!asked.has('--no-models')) prepareModels();
  if (asked.has('--browser')) requireBrowser();
} catch (error) {
  say(`Setting up failed: ${error instanceof Error ? error.message : error}`);
  // Not 1, which is an answer of some of the commands that this runs before.
  process.exit(2);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
}

/** Installs exactly what the lockfile says, unless that is what is there. */
function installDependencies() {
  const stamp = 'node_modules/.facenet-web-lock';
  const lock = sha256('package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing the dependencies …');
  run('npm', 'ci', '--loglevel=error', '--no-audit', '--no-fund');
  writeFileSync(stamp, lock);
}

/** Produces the weights, unless every file of the manifest is there with the hash that it states. */
function prepareModels() {
  if (modelsAreIntact()) return;
  say('Preparing the weights …');
  run(process.execPath, 'node_modules/tsx/dist/cli.mjs', 'scripts/prepare/main.ts', '--keep-manifest');
  if (!modelsAreIntact()) throw new Error('the prepared weights are not what public/models/manifest.json states');
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

function requireBrowser() {
  say(`Browser: ${chromiumVersion(findChromium() ?? installChromium())}`);
}

function sha256(/** @type {string} */ path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function run(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function say(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`);
}
