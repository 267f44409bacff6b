import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { contentSecurityPolicy, contentSecurityPolicyInPage } from './demo/build/content-security-policy.ts';
import { samplePhotos } from './demo/build/sample-photos.ts';
import { serviceWorker } from './demo/build/service-worker.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Headers that make a page cross-origin isolated, so that the networks may use threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The workers' scripts: their names in the sources, and in the package. */
const workers = {
  './worker-entry.ts': './worker.js',
  './engines-worker-entry.ts': './engines-worker.js',
  './training-worker-entry.ts': './training-worker.js',
};

/**
 * Keeps `new URL('./worker.js', import.meta.url)` in the npm package, which every bundler understands. Vite would bundle
 * each worker separately, with copies of the modules that it shares with the page.
 */
function workerUrls(): Plugin {
  const replaced = (code: string, from: (source: string) => string, to: (source: string) => string) =>
    Object.keys(workers).reduce((text, source) => text.replace(from(source), to(source)), code);
  const placeholder = (source: string) => `__FACENET_WORKER_${Object.keys(workers).indexOf(source)}__`;
  return {
    name: 'worker-urls',
    enforce: 'pre',
    transform: (code) => replaced(code, (source) => `new URL('${source}', import.meta.url)`, placeholder),
    renderChunk: (code) =>
      replaced(code, placeholder, (source) => `new URL('${workers[source as keyof typeof workers]}', import.meta.url)`),
  };
}

/** Lets the element and the React hooks import the entry facenet-web.js, which stays in one file next to its worker. */
function bindingsImportEntry(): Plugin {
  return {
    name: 'bindings-import-entry',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '../index.ts' && /\/lib\/(element|react)\//.test(importer ?? '')
        ? { id: './facenet-web.js', external: true }
        : undefined,
  };
}

/** Excludes an import of MediaPipe, whose URL is known at run time only, from processing by the user's bundler. */
function ignoreDynamicImports(): Plugin {
  return {
    name: 'ignore-dynamic-imports',
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
 * Hoists transitive imports into the entries, as Rollup does: a browser then requests all files in parallel instead of level by
 * level.
 */
function hoistTransitiveImports(): Plugin {
  return {
    name: 'hoist-transitive-imports',
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
        // A directive such as 'use client' has to come first.
        const [directive = ''] = /^(['"])use \w+\1;\n/.exec(chunk.code) ?? [];
        const hoisted = further.map((file) => `import "./${file}";\n`).join('');
        chunk.code = directive + hoisted + chunk.code.slice(directive.length);
      }
    },
  };
}

/**
 * TensorFlow.js keeps its engine and its kernels in globals, where the page's own TensorFlow.js, or another version of this
 * library, would overwrite them. Each copy of the library gets a namespace of its own, keyed by its URL.
 */
function isolateTensorFlow(): Plugin {
  const namespace = '((globalThis.facenetTensorFlow ??= {})[import.meta.url] ??= {})';
  return {
    name: 'isolate-tensorflow',
    transform(code, id) {
      if (!/tfjs-core\/dist\/(global_util|engine)\.js$/.test(id)) return;
      const changed = code.replaceAll(/\bns(?=\._tf(Globals|engine)\b)/g, namespace);
      if (changed === code)
        throw new Error('TensorFlow.js no longer keeps its globals where this plugin replaces them.');
      return changed;
    },
  };
}

/**
 * The chunks that several entries share, with their files and folders: a browser fetches few chunks faster than many. Of two
 * chunks with the same file the first has it. test/package/chunks.test.ts checks that every path exists.
 */
export const sharedChunks = {
  // Loaded on first use of a passphrase: no entry imports it statically.
  argon2id: ['node_modules/hash-wasm/', 'lib/gallery/crypto/argon2id.ts'],
  // With the schema that the manifest and galleries share.
  valibot: ['node_modules/valibot/', 'lib/core/calibration-schema.ts'],
  // Not in `basics`, because facenet-web/evaluation does not need it.
  math: ['lib/core/math.ts', 'lib/core/overlap.ts'],
  // Apart from the basics, which facenet-web/clustering uses without them.
  core: ['lib/core/brand.ts', 'lib/core/serial-queue.ts', 'lib/core/sha256.ts', 'lib/core/version.ts'],
  // Used by every entry.
  basics: [
    'lib/core/typed-arrays.ts',
    'lib/core/errors.ts',
    'lib/core/checked-options.ts',
    'lib/core/option-names.ts',
    'lib/core/cancellation.ts',
    'lib/core/lazy-import.ts',
    'lib/comparison/',
    'lib/workers/handshake.ts',
    'lib/workers/serialised-error.ts',
  ],
  // Not in `page`, because galleries and photo libraries need nothing else of it.
  files: [
    'lib/core/wasm-support.ts',
    'lib/image/closed-on-abort.ts',
    'lib/image/decode-image.ts',
    'lib/image/errors.ts',
    'lib/image/webp-chunks.ts',
  ],
  // Not in `page`, because facenet-web/draw needs nothing else of it.
  landmarks: ['lib/landmarks/schemes.ts'],
  // Used by the page and by its worker.
  page: [
    'lib/core/active-timeout.ts',
    'lib/core/face-signature.ts',
    'lib/core/idle-timeout.ts',
    'lib/core/pending-calls.ts',
    'lib/core/stranger-model.ts',
    'lib/workers/',
    'lib/alignment/templates.ts',
    'lib/detection/face-order.ts',
    'lib/detection/suppression.ts',
    'lib/embedding/vectors.ts',
    'lib/image/decode.ts',
    'lib/image/image-element.ts',
    'lib/image/source-types.ts',
    'lib/image/video-bitmap.ts',
    'lib/models/folders.ts',
    'lib/models/shipped-models.ts',
    'lib/pipeline/options.ts',
    'lib/pipeline/valid-faces.ts',
    'lib/quality/advice-limits.ts',
    'lib/quality/scores.ts',
    'lib/runtime/backends/candidates.ts',
    'lib/runtime/backends/webgl-renderer.ts',
  ],
  // Used by everything that runs networks.
  networks: [
    'lib/image/affine.ts',
    'lib/image/bitmap-picture.ts',
    'lib/image/canvas.ts',
    'lib/image/image-data.ts',
    'lib/image/javascript-resampler.ts',
    'lib/image/mirror.ts',
    'lib/image/picture.ts',
    'lib/image/pixel-picture.ts',
    'lib/image/pixel-source.ts',
    'lib/image/shrink.ts',
    'lib/image/warp.ts',
    'lib/models/download.ts',
    'lib/models/file-cache.ts',
    'lib/models/folder-source.ts',
    'lib/models/manifest-schema.ts',
    'lib/models/model-folder.ts',
    'lib/models/progress.ts',
    'lib/models/shipped-models.ts',
    'lib/models/store.ts',
    'lib/models/verification.ts',
    'lib/pipeline/start-networks.ts',
    'lib/quality/pose.ts',
    'lib/runtime/context-loss.ts',
    'lib/runtime/network.ts',
    'lib/runtime/network-loader.ts',
    'lib/runtime/preprocess.ts',
    'lib/runtime/backends/',
    'lib/runtime/kernels/wasm/wasm-file.ts',
  ],
  // Apart from the networks, so that the worker of the kernels does not import TensorFlow.js.
  tensorflow: ['lib/runtime/tensorflow/'],
};

const chunkGroups = Object.entries(sharedChunks).map(([name, paths], i, { length }) => ({
  name,
  // node_modules may lie in a parent folder or behind a link.
  test: (id: string) => paths.some((name) => id.includes(`/${name}`)),
  priority: length - i,
}));

/** `vite build --mode library`: the npm package. Engines are chunks of their own, loaded on first use. */
const library: UserConfig = {
  publicDir: false,
  plugins: [workerUrls(), isolateTensorFlow(), bindingsImportEntry(), ignoreDynamicImports(), hoistTransitiveImports()],
  // TensorFlow.js checks for Node by these names, which webpack defines in pages too.
  define: { __filename: 'undefined', __dirname: 'undefined' },
  build: {
    lib: {
      entry: {
        'facenet-web': path('lib/index.ts'),
        worker: path('lib/pipeline/worker-entry.ts'),
        'engines-worker': path('lib/pipeline/engines-worker-entry.ts'),
        evaluation: path('lib/evaluation/index.ts'),
        gallery: path('lib/gallery/index.ts'),
        clustering: path('lib/clustering/index.ts'),
        library: path('lib/library/index.ts'),
        liveness: path('lib/liveness/index.ts'),
        training: path('lib/training/index.ts'),
        convert: path('cli/convert/index.ts'),
        element: path('lib/element/index.ts'),
        react: path('lib/react/index.ts'),
        draw: path('lib/draw/index.ts'),
        'training-worker': path('lib/training/head/training-worker-entry.ts'),
      },
      formats: ['es'],
    },
    outDir: path('dist'),
    target: 'es2022',
    // Lists the bundled packages with the texts of their licences, which the licences require.
    license: { fileName: 'bundled.json' },
    rolldownOptions: {
      // No comment with the path of each module: half a kilobyte in the larger entries.
      experimental: { attachDebugInfo: 'none' },
      // React is the app's. The banner tells React's servers that the hooks run in the browser.
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

/** `vite build --mode bin`: the command-line tool for Node, with its dependencies bundled. */
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

/** The path of a chunk, named after its package, so that the network panel shows which engine is loaded. */
function chunkName(module = ''): string {
  if (module.includes('/lib/runtime/kernels/')) return 'engines/facenet-kernels.js';
  const name = module.match(/.*node_modules\/(?:@[^/]+\/)?([^/]+)/)?.[1] ?? 'common';
  return `${name === 'common' ? 'shared' : 'engines'}/${name}.js`;
}

/** Import specifiers of the library, which resolve to its sources. Longer ones come first, because the first match counts. */
export const libraryNames = {
  'facenet-web/gallery': path('lib/gallery/index.ts'),
  'facenet-web/clustering': path('lib/clustering/index.ts'),
  'facenet-web/evaluation': path('lib/evaluation/index.ts'),
  'facenet-web/library': path('lib/library/index.ts'),
  'facenet-web/training': path('lib/training/index.ts'),
  'facenet-web/draw': path('lib/draw/index.ts'),
  'facenet-web/convert': path('cli/convert/index.ts'),
  'facenet-web/liveness': path('lib/liveness/index.ts'),
  'facenet-web': path('lib/index.ts'),
};

/**
 * `vite`, `vite build`, `vite preview`: the demo. It imports the sources of the library, so that the dev server (`npm run
 * dev`) reloads the page after a change of lib/ or demo/.
 */
const demo: UserConfig = {
  root: path('demo'),
  base: './',
  publicDir: path('public'),
  plugins: [samplePhotos(), contentSecurityPolicyInPage(), serviceWorker()],
  resolve: { alias: libraryNames },
  worker: { format: 'es' },
  // No assets as data: URLs, which the Content-Security-Policy forbids.
  build: { outDir: path('dist-demo'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  server: { headers },
  // The policy in the page does not apply to its workers; as a header of their scripts it does.
  preview: { headers: { ...headers, 'Content-Security-Policy': contentSecurityPolicy } },
};

const configs: Record<string, UserConfig> = { library, bin: commandLine };

export default defineConfig(({ mode }) => configs[mode] ?? demo);
