// npm start: sets the repository up, builds the demo, serves it and opens it in a browser.
// Plain JavaScript on Node's own modules: it runs before the dependencies are installed.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { browserCommand } from './browser-command.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
run(process.execPath, 'scripts/setup/main.mjs');
console.log('Building the demo …');
run(process.execPath, 'node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error');

// Imported here because the setup installs it. Vite takes the next port if 4173 is in use.
const { preview } = await import('vite');
const server = await preview();
const url = server.resolvedUrls?.local[0] ?? 'http://localhost:4173/';
const command = browserCommand();
if (command) {
  console.log(`The demo is at ${url}`);
  openBrowser(command);
} else {
  console.log(`Open ${url} in a browser. (No desktop was found on this machine.)`);
}
console.log('Press Ctrl+C to stop the server.');

/** Runs a step, and exits with its code if it fails. */
function run(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {[command: string, ...args: string[]]} command */
function openBrowser([name, ...args]) {
  const browser = spawn(name, [...args, url], { stdio: 'ignore', detached: true });
  browser.once('error', () => console.log(`No browser could be started. Open ${url} yourself.`));
  browser.unref();
}
