// npm run screenshots: takes screenshots of every view and state of the demo, in test-results/screenshots/.
import { spawnSync } from 'node:child_process';

const command = ['node_modules/playwright/cli.js', 'test', '-c', 'e2e', 'demo/screenshots', ...process.argv.slice(2)];
const env = { ...process.env, SCREENSHOTS: 'all' };
process.exitCode = spawnSync(process.execPath, command, { stdio: 'inherit', env }).status ?? 1;
