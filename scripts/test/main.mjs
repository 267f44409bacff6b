// npm test: checks style and types, builds the library and the demo, and runs every test. .ci/run counts the reports.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
rmSync('test-results', { recursive: true, force: true });

// The tests need the builds. Both test runners run, even if the first one fails.
for (const script of ['check', 'build', 'build:demo']) {
  if (!npmRun(script)) process.exit(1);
}
process.env.DEMO_PORT ??= String(await freePort());
const passed = [npmRun('test:unit'), npmRun('test:browser')];
process.exit(passed.every(Boolean) ? 0 : 1);

/** A free port for the demo's server. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {string} script */
function npmRun(script) {
  return spawnSync('npm', ['run', script], { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}
