// Finds a Chromium for the tests and the scripts, and installs one if there is none.
// Plain JavaScript on Node's own modules: it runs before the dependencies are installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Command-line flags for Chromium: no sandbox, because tests often run as root, and no network traffic of its own. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Finds a Chromium: `CHROMIUM_PATH`, else one on the PATH, else the one that Playwright downloaded.
 * @returns {string | undefined} its path
 */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  try {
    const path = createRequire(import.meta.url)('playwright').chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Installs a Chromium: Debian's package as root on Debian, else Playwright's download.
 * @returns {string} its path
 */
export function installChromium() {
  const run = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
    spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stderr.write('Installing Chromium from Debian …\n');
    run('apt-get', 'update', '-q');
    run('apt-get', 'install', '-y', '-q', '--no-install-recommends', 'chromium');
  }
  if (!findChromium()) {
    process.stderr.write("Installing Playwright's Chromium …\n");
    const install = ['node_modules/playwright/cli.js', 'install', 'chromium'];
    // --with-deps installs system libraries and needs root. Without root they are often present already.
    run(process.execPath, ...install, '--with-deps') || run(process.execPath, ...install);
  }
  const path = findChromium();
  if (!path) throw new Error('No Chromium could be installed. Install one and set CHROMIUM_PATH to its path.');
  return path;
}

/** The version that a Chromium reports. */
export function chromiumVersion(/** @type {string} */ path) {
  return execFileSync(path, ['--version', ...chromiumFlags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
