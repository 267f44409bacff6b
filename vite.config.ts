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
const workers = { './worker-entry.ts': './worker.js', './training-worker-entry.ts': './training-worker.js' };

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

/** The bindings take the library as their users do: from its entry, which thereby stays one file with the worker beside it. */
function bindingsApart(): Plugin {
  return {
    name: 'bindings-apart',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '../index.ts' && /\/lib\/(element|react)\//.test(importer ?? '')
        ? { id: './facenet-web.js', external: true }
        : undefined,
  };
}

/** MediaPipe imports an address that it is told at run time, of which a bundler that reads on must not make a module. */
function leaveImports(): Plugin {
  return {
    name: 'leave-imports',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        chunk.code = chunk.code.replace(
          /\bimport\((?=\w+\.toString\(\))/g,
          'import(/* webpackIgnore: true */ /* @vite-ignore */ ',
        );
      }
    },
  };
}

/**
 * Entries name all that they will import in the end, as Rollup has them do, so that a browser asks for it at once and not file by file;
 * but for the bindings, which import the entry.
 */
function hoistedImports(): Plugin {
  return {
    name: 'hoisted-imports',
    generateBundle(_, bundle) {
      const importsOf = (file: string): string[] => {
        const chunk = bundle[file];
        return chunk?.type === 'chunk' ? chunk.imports.filter((name) => name in bundle) : [];
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || !chunk.isEntry) continue;
        const all = new Set(importsOf(chunk.fileName));
        for (const file of all) for (const next of importsOf(file)) all.add(next);
        const further = [...all].filter((file) => !chunk.imports.includes(file));
        chunk.code = further.map((file) => `import "./${file}";\n`).join('') + chunk.code;
      }
    },
  };
}

/**
 * TensorFlow.js keeps its engine and its kernels in globals, so that the page's own TensorFlow.js, or another version of this
 * library, would put its kernels in the place of ours. Each copy of the library gets a place of its own, by its address.
 */
function ownTensorFlow(): Plugin {
  const own = '((globalThis.facenetTensorFlow ??= {})[import.meta.url] ??= {})';
  return {
    name: 'own-tensorflow',
    transform(code, id) {
      if (!/tfjs-core\/dist\/(global_util|engine)\.js$/.test(id)) return;
      const changed = code.replaceAll(/\bns(?=\._tf(Globals|engine)\b)/g, own);
      if (changed === code) throw new Error('TensorFlow.js keeps its globals elsewhere now.');
      return changed;
    },
  };
}

/**
 * Files and folders that several entries share, by the chunk that holds them: a browser fetches few chunks faster than many. An earlier
 * chunk takes precedence. test/package/chunks.test.ts checks that every path exists.
 */
export const sharedChunks = {
  valibot: ['node_modules/valibot/'],
  // Apart from the basics, which facenet-web/evaluation does not need.
  math: ['lib/core/math.ts'],
  // Apart from the basics, which facenet-web/clustering uses without it.
  queue: ['lib/core/serial-queue.ts'],
  // Used by every entry.
  basics: [
    'lib/core/errors.ts',
    'lib/core/checked-options.ts',
    'lib/core/cancellation.ts',
    'lib/comparison/',
    'lib/workers/handshake.ts',
    'lib/workers/serialised-error.ts',
  ],
  // Used by the page and by its worker.
  page: [
    'lib/core/lazy-import.ts',
    'lib/core/pending-calls.ts',
    'lib/workers/',
    'lib/alignment/templates.ts',
    'lib/detection/suppression.ts',
    'lib/embedding/vectors.ts',
    'lib/image/affine.ts',
    'lib/image/decode.ts',
    'lib/image/errors.ts',
    'lib/image/portable.ts',
    'lib/image/source-types.ts',
    'lib/landmarks/schemes.ts',
    'lib/models/folders.ts',
    'lib/pipeline/options.ts',
    'lib/pipeline/valid-faces.ts',
    'lib/runtime/backends/candidates.ts',
    'lib/runtime/backends/choose-backend.ts',
    'lib/runtime/backends/webgl-renderer.ts',
    'lib/runtime/tensorflow/own-operators.ts',
    'lib/runtime/tensorflow/start-backend.ts',
    'lib/runtime/tensorflow/tensorflow.ts',
  ],
  // Used by everything that runs networks.
  networks: [
    'lib/image/bitmap-picture.ts',
    'lib/image/javascript-resampler.ts',
    'lib/image/mirror.ts',
    'lib/image/picture.ts',
    'lib/image/pixel-picture.ts',
    'lib/image/pixel-source.ts',
    'lib/image/shrink.ts',
    'lib/image/warp.ts',
    'lib/models/',
    'lib/pipeline/start-networks.ts',
    'lib/quality/pose.ts',
    'lib/runtime/context-loss.ts',
    'lib/runtime/network.ts',
    'lib/runtime/network-loader.ts',
    'lib/runtime/preprocess.ts',
    'lib/runtime/backends/',
    'lib/runtime/kernels/wasm/wasm-file.ts',
    'lib/runtime/tensorflow/watch-backend.ts',
  ],
};

const chunkGroups = Object.entries(sharedChunks).map(([name, paths], i, { length }) => ({
  name,
  // node_modules may lie in a parent folder or behind a link.
  test: (id: string) => paths.some((name) => id.includes(`/${name}`)),
  priority: length - i,
}));

/** `vite build --mode library`: the npm package. Engines stay in chunks of their own, loaded on first use. */
const library: UserConfig = {
  publicDir: false,
  plugins: [workersBeside(), ownTensorFlow(), bindingsApart(), leaveImports(), hoistedImports()],
  // TensorFlow.js asks whether it runs in Node, which webpack affirms for any page.
  define: { __filename: 'undefined', __dirname: 'undefined' },
  build: {
    lib: {
      entry: {
        'facenet-web': path('lib/index.ts'),
        worker: path('lib/pipeline/worker-entry.ts'),
        evaluation: path('lib/evaluation/index.ts'),
        gallery: path('lib/gallery/index.ts'),
        clustering: path('lib/clustering/index.ts'),
        liveness: path('lib/liveness/index.ts'),
        training: path('lib/training/index.ts'),
        element: path('lib/element/index.ts'),
        react: path('lib/react/index.ts'),
        'training-worker': path('lib/training/head/training-worker-entry.ts'),
      },
      formats: ['es'],
    },
    outDir: path('dist'),
    target: 'es2022',
    // The packages that are inside, with their licences' texts, as these demand.
    license: { fileName: 'bundled.json' },
    rolldownOptions: {
      // No comment with the path of each module: half a kilobyte in the larger entries.
      experimental: { attachDebugInfo: 'none' },
      // React is the app's own, and its hooks are the browser's: React's servers are told so.
      external: ['react'],
      output: {
        chunkFileNames: ({ name, moduleIds }) =>
          Object.hasOwn(sharedChunks, name) ? `shared/${name}.js` : chunkName(moduleIds.at(-1)),
        codeSplitting: { groups: chunkGroups },
        banner: ({ name }) => (name === 'react' ? "'use client';" : ''),
      },
    },
  },
};

/** `vite build --mode bin`: the command line, for Node, with everything that it needs in it. */
const commandLine: UserConfig = {
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: path('dist/bin'),
    target: 'node20',
    minify: true,
    license: { fileName: 'bundled.json' },
    rolldownOptions: {
      input: { 'facenet-web': path('cli/facenet-web.ts') },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
};

/**
 * Where a chunk lies, by the package that it was made of, so that a user sees in the network panel what is loaded: an engine,
 * or what several entries have in common.
 */
function chunkName(module = ''): string {
  if (module.includes('/lib/runtime/kernels/')) return 'engines/facenet-kernels.js';
  const name = module.match(/.*node_modules\/(?:@[^/]+\/)?([^/]+)/)?.[1] ?? 'common';
  return `${name === 'common' ? 'shared' : 'engines'}/${name}.js`;
}

/** The demo names the library as its users do; the longer names come first, since the first that fits is taken. */
export const libraryNames = {
  'facenet-web/gallery': path('lib/gallery/index.ts'),
  'facenet-web/clustering': path('lib/clustering/index.ts'),
  'facenet-web/evaluation': path('lib/evaluation/index.ts'),
  'facenet-web/training': path('lib/training/index.ts'),
  'facenet-web': path('lib/index.ts'),
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

const configs: Record<string, UserConfig> = { library, bin: commandLine };

export default defineConfig(({ mode }) => configs[mode] ?? demo);
