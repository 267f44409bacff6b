import type { EngineFile } from '../../lib/models/manifest.ts';
import { compileKernels, type KernelsName } from './kernels.ts';
import { packageFile, source } from './sources/npm-packages.ts';

const asPublished = 'as published';

/** The engines' WebAssembly files: our own kernels, and those that packages publish. */
export async function engines(): Promise<(Omit<EngineFile, 'sha256' | 'bytes'> & { bytes: Buffer })[]> {
  const kernels = async (name: KernelsName) => ({
    name,
    path: `engines/${name}.wasm`,
    bytes: await compileKernels(name),
    licence: 'MIT',
    source: source('assemblyscript', ['dist/asc.js'], 'compiled from assembly/ of this repository'),
  });
  const engine = (name: EngineFile['name'], from: string, file: string) => ({
    name,
    path: `engines/${file.split('/').at(-1)}`,
    bytes: packageFile(from, file),
    licence: 'Apache-2.0',
    source: source(from, [file], asPublished),
  });
  const tfjs = '@tensorflow/tfjs-backend-wasm';
  return [
    await kernels('facenet-relaxed-simd'),
    await kernels('facenet-simd'),
    await kernels('facenet-threads'),
    engine('tfjs-wasm', tfjs, 'dist/tfjs-backend-wasm.wasm'),
    engine('tfjs-wasm-simd', tfjs, 'dist/tfjs-backend-wasm-simd.wasm'),
    engine('mediapipe-vision', '@mediapipe/tasks-vision', 'wasm/vision_wasm_module_internal.wasm'),
  ];
}
