import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from './paths.ts';

const dist = repositoryPath('dist');

/** Builds the library into dist/, unless dist/ is newer than the sources. @throws {Error} if the build fails. */
export function buildLibrary(): void {
  const built = join(dist, 'facenet-web.js');
  const sources = ['lib', 'vite.config.ts', 'package-lock.json'].map(repositoryPath);
  if (existsSync(built) && Math.max(...sources.map(lastChange)) < statSync(built).mtimeMs) return;
  const { status } = spawnSync('npm', ['run', 'build'], {
    cwd: repositoryPath(),
    // Standard output is kept for the script's own result.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('The library could not be built: see above.');
}

/** The SHA-256 of the built code that computes embeddings: a cache key for their results. */
export function builtCodeHash(): string {
  const shared = readdirSync(join(dist, 'shared')).map((name) => `shared/${name}`);
  const hash = createHash('sha256');
  for (const name of ['facenet-web.js', 'worker.js', ...shared.sort()]) hash.update(readFileSync(join(dist, name)));
  return hash.digest('hex');
}

/** The modification time of the newest file below a path, in milliseconds. */
function lastChange(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => lastChange(join(path, name))));
}
