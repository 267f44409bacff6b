import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

/** A file that the service worker caches. */
export interface PrecacheEntry {
  /** Relative to the service worker. */
  url: string;
  /** A hash of the content. */
  revision: string;
  /** The SHA-256 of the content. A file of another deployment is not cached, and the earlier version stays in use. */
  integrity: string;
}

/**
 * A Vite plugin that bundles the service worker with the list of files to cache: all files of the page except the models. The
 * library verifies and caches those itself.
 */
export function serviceWorker(): Plugin {
  let outDir = '';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved: (config) => {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const files = readdirSync(outDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(outDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((path) => !path.startsWith('models/') && path !== 'service-worker.js')
        .sort();
      const precache: PrecacheEntry[] = files.map((url) => ({ url, ...hashesOf(readFileSync(join(outDir, url))) }));
      await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: { __PRECACHE__: JSON.stringify(precache), 'process.env.NODE_ENV': '"production"' },
        build: {
          outDir,
          emptyOutDir: false,
          target: 'es2022',
          lib: {
            entry: fileURLToPath(new URL('../service-worker.ts', import.meta.url)),
            formats: ['es'],
            fileName: () => 'service-worker.js',
          },
        },
      });
    },
  };
}

/** What identifies a file's content in the list of files to cache. */
export function hashesOf(content: Buffer | string): Omit<PrecacheEntry, 'url'> {
  const hash = createHash('sha256').update(content).digest();
  return { revision: hash.toString('hex').slice(0, 16), integrity: `sha256-${hash.toString('base64')}` };
}
