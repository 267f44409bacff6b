// npm test: the style check, the types, both builds, then every test. Its reports are for .ci/run to count.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
rmSync('test-results', { recursive: true, force: true });

// Nothing after a failed build could be trusted; the two test runners are both run, whatever the first one finds.
for (const args of [
  ['run', 'check'],
  ['run', 'build'],
  ['run', 'build:demo'],
]) {
  if (!npm(args)) process.exit(1);
}
process.env.DEMO_PORT ??= String(await freePort());
const passed = [npm(['run', 'test:unit']), npm(['run', 'test:browser'])];
process.exit(passed.every(Boolean) ? 0 : 1);

/** A port for the demo that nobody else on this machine listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {string[]} args */
function npm(args) {
  process.stdout.write(`\n> npm ${args.join(' ')}\n`);
  return spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}
