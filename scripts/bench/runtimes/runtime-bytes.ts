import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { repositoryPath } from '../../kit/paths.ts';
import type { RuntimeName } from './names.ts';

/** The files that a page fetches for each runtime, on one thread, besides the networks. */
function filesOf(): Record<RuntimeName, string[]> {
  const engines = readdirSync(repositoryPath('dist/engines')).filter((name) => name.endsWith('.js'));
  const tensorFlow = engines.filter((name) => /tfjs-(core|converter|backend-wasm)|seedrandom|long/.test(name));
  const kernels = engines.filter((name) => name.startsWith('facenet-kernels')).map((name) => `dist/engines/${name}`);
  return {
    kernels: [...kernels, 'public/models/engines/facenet-relaxed-simd.wasm'],
    'kernels-plain': [...kernels, 'public/models/engines/facenet-simd.wasm'],
    'tfjs-wasm': [
      ...tensorFlow.map((name) => `dist/engines/${name}`),
      'public/models/engines/tfjs-backend-wasm-simd.wasm',
    ],
    'onnxruntime-web': ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'].map(
      (name) => `node_modules/onnxruntime-web/dist/${name}`,
    ),
    litert: ['dist/index.js', 'wasm/litert_wasm_internal.js', 'wasm/litert_wasm_internal.wasm'].map(
      (name) => `node_modules/@litertjs/core/${name}`,
    ),
  };
}

/** The bytes that each runtime adds to a page, compressed with gzip. */
export function runtimeBytes(): Record<RuntimeName, number> {
  const entries = Object.entries(filesOf()).map(([name, files]) => [
    name,
    files.reduce((sum, file) => sum + compressedSize(file), 0),
  ]);
  return Object.fromEntries(entries) as Record<RuntimeName, number>;
}

function compressedSize(file: string): number {
  return gzipSync(readFileSync(repositoryPath(file))).length;
}
