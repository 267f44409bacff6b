import type { EngineFile } from '../../lib/models/manifest.ts';
import { compileKernels, type KernelsName } from './kernels.ts';
import { packageFile, source } from './sources/npm-packages.ts';

/** A WebAssembly file to write, with its entry in the manifest. */
type Engine = Omit<EngineFile, 'sha256' | 'bytes'> & { bytes: Buffer };

/** All WebAssembly files: our own kernels, and those of TensorFlow.js and MediaPipe as published. */
export async function engines(): Promise<Engine[]> {
  const tfjs = '@tensorflow/tfjs-backend-wasm';
  return [
    await kernels('facenet-relaxed-simd'),
    await kernels('facenet-simd'),
    await kernels('facenet-threads'),
    await kernels('facenet-simd-threads'),
    published('tfjs-wasm', tfjs, 'dist/tfjs-backend-wasm.wasm'),
    published('tfjs-wasm-simd', tfjs, 'dist/tfjs-backend-wasm-simd.wasm'),
    published('mediapipe-vision', '@mediapipe/tasks-vision', 'wasm/vision_wasm_module_internal.wasm'),
  ];
}

async function kernels(name: KernelsName): Promise<Engine> {
  return {
    name,
    path: `engines/${name}.wasm`,
    bytes: await compileKernels(name),
    licence: 'MIT',
    source: source('assemblyscript', ['dist/asc.js'], 'compiled from assembly/ of this repository'),
  };
}

function published(name: EngineFile['name'], packageName: string, file: string): Engine {
  return {
    name,
    path: `engines/${file.split('/').at(-1)}`,
    bytes: packageFile(packageName, file),
    licence: 'Apache-2.0',
    source: source(packageName, [file], 'as published'),
  };
}
