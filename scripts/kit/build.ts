import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the library into dist/, unless what is there is newer than its sources. */
export function buildLibrary(): void {
  const built = join(root, 'dist/facenet-web.js');
  const sources = ['lib', 'vite.config.ts', 'package-lock.json'].map((path) => join(root, path));
  if (existsSync(built) && Math.max(...sources.map(newest)) < statSync(built).mtimeMs) return;
  const { status } = spawnSync('npm', ['run', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('The library could not be built: see above.');
}

/** The SHA-256 of the built code that makes embeddings, by which those that were kept are known. */
export function builtCode(): string {
  const shared = readdirSync(join(root, 'dist/shared')).map((name) => `shared/${name}`);
  const hash = createHash('sha256');
  for (const name of ['facenet-web.js', 'worker.js', ...shared.sort()])
    hash.update(readFileSync(join(root, 'dist', name)));
  return hash.digest('hex');
}

/** When the newest file below a path was changed. */
function newest(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}
