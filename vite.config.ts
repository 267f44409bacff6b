import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { contentSecurityPolicy, contentSecurityPolicyInPage } from './demo/build/content-security-policy.ts';
import { samplePhotos } from './demo/build/sample-photos.ts';
import { serviceWorker } from './demo/build/service-worker.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** With these the page is cross-origin isolated: nothing of another origin can get into it unasked. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The workers' scripts as the sources name them, and as the package does. */
const workers = { './host.ts': './worker.js', './head-host.ts': './training-worker.js' };

/**
 * Names the workers in the npm package in the one way that every bundler knows, next to the files that start them. Vite itself
 * would build each apart, with a second copy of everything that it shares with the page.
 */
function workersBeside(): Plugin {
  const replaced = (code: string, from: (source: string) => string, to: (source: string) => string) =>
    Object.keys(workers).reduce((text, source) => text.replace(from(source), to(source)), code);
  const placeholder = (source: string) => `__FACENET_WORKER_${Object.keys(workers).indexOf(source)}__`;
  return {
    name: 'workers-beside',
    enforce: 'pre',
    transform: (code) => replaced(code, (source) => `new URL('${source}', import.meta.url)`, placeholder),
    renderChunk: (code) =>
      replaced(code, placeholder, (source) => `new URL('${workers[source as keyof typeof workers]}', import.meta.url)`),
  };
}

/** `vite build --mode library`: the npm package. Engines stay in chunks of their own, loaded on first use. */
const library: UserConfig = {
  publicDir: false,
  plugins: [workersBeside()],
  build: {
    lib: {
      entry: {
        'facenet-web': path('lib/index.ts'),
        worker: path('lib/worker/host.ts'),
        evaluation: path('lib/evaluation/index.ts'),
        gallery: path('lib/gallery/index.ts'),
        clustering: path('lib/clustering/index.ts'),
        training: path('lib/training/index.ts'),
        'training-worker': path('lib/training/head/head-host.ts'),
      },
      formats: ['es'],
    },
    outDir: path('dist'),
    target: 'es2022',
    rolldownOptions: { output: { chunkFileNames: ({ moduleIds }) => chunkName(moduleIds.at(-1)) } },
  },
};

/**
 * Where a chunk lies, by the package that it was made of, so that a user sees in the network panel what is loaded: an engine,
 * or what several entries have in common.
 */
function chunkName(module = ''): string {
  const name = module.match(/.*node_modules\/(?:@[^/]+\/)?([^/]+)/)?.[1] ?? 'common';
  return `${['common', 'valibot'].includes(name) ? 'shared' : 'engines'}/${name}.js`;
}

/** The demo names the library as its users do; the longer names come first, since the first that fits is taken. */
export const libraryNames = {
  'facenet-web/gallery': path('lib/gallery/index.ts'),
  'facenet-web/clustering': path('lib/clustering/index.ts'),
  'facenet-web/evaluation': path('lib/evaluation/index.ts'),
  'facenet-web/training': path('lib/training/index.ts'),
  'facenet-web': path('lib/index.ts'),
};

/** `vite build --mode command`: what `npx facenet-web` runs, for Node, with all that it needs beside it in dist/bin/. */
const command: UserConfig = {
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: path('scripts/facenet-web.ts'),
    outDir: path('dist/bin'),
    target: 'node20',
    minify: true,
    rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' } },
  },
};

/** `vite`, `vite build`, `vite preview`: the demo. */
const demo: UserConfig = {
  root: path('demo'),
  base: './',
  publicDir: path('public'),
  plugins: [samplePhotos(), contentSecurityPolicyInPage(), serviceWorker()],
  resolve: { alias: libraryNames },
  worker: { format: 'es' },
  // No data: addresses, which a strict Content-Security-Policy forbids.
  build: { outDir: path('dist-demo'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  server: { headers },
  // In the page the policy does not reach its worker; as a header, where the host can send one, it does.
  preview: { headers: { ...headers, 'Content-Security-Policy': contentSecurityPolicy } },
};

export default defineConfig(({ mode }) => ({ library, command })[mode] ?? demo);
