// npm test: checks style and types, builds, and runs all tests. .ci/run counts the reports in test-results/.
// --long  complete lists and long loops instead of samples, and all screenshots
// --fast  style, types and the quick part of test/unit: no build, no browser
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
rmSync('test-results', { recursive: true, force: true });
const options = new Set(process.argv.slice(2));
if (options.has('--long')) process.env.LONG = '1';

if (options.has('--fast'))
  process.exit(npm('run', 'check') && npm('run', 'test:unit', '--', '--project', 'fast') ? 0 : 1);

// Tests of a failed build prove nothing.
for (const script of ['check', 'build', 'build:demo']) {
  if (!npm('run', script)) process.exit(1);
}
process.env.DEMO_PORT ??= String(await freePort());
// The browser tests run even if a unit test fails.
const passed = [npm('run', 'test:unit'), npm('run', 'test:browser')];
process.exit(passed.every(Boolean) ? 0 : 1);

/** A free port for the demo. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Runs npm, and returns whether it succeeded. @param {string[]} args */
function npm(...args) {
  return spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}
