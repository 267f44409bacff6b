// npm test: the style check, the types, both builds, then every test. Its reports are for .ci/run to count.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('test-results', { recursive: true, force: true });

// Nothing after a failed build could be trusted; the two test runners are both run, whatever the first one finds.
for (const args of [
  ['run', 'check'],
  ['run', 'build'],
  ['run', 'build:demo'],
]) {
  if (!npm(args)) process.exit(1);
}
const passed = [npm(['run', 'test:unit']), npm(['run', 'test:browser'])];
process.exit(passed.every(Boolean) ? 0 : 1);

/** @param {string[]} args */
function npm(args) {
  process.stdout.write(`\n> npm ${args.join(' ')}\n`);
  return spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}
