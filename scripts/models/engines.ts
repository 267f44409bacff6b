import type { EngineFile } from '../../lib/models/manifest.ts';
import { packageFile, source } from './packages.ts';

const asPublished = 'as published';

/** The engines' WebAssembly files, as their packages publish them. */
export function engines(): (Omit<EngineFile, 'sha256' | 'bytes'> & { bytes: Buffer })[] {
  const engine = (name: EngineFile['name'], from: string, file: string) => ({
    name,
    path: `engines/${file.split('/').at(-1)}`,
    bytes: packageFile(from, file),
    licence: 'Apache-2.0',
    source: source(from, [file], asPublished),
  });
  const tfjs = '@tensorflow/tfjs-backend-wasm';
  return [
    engine('tfjs-wasm', tfjs, 'dist/tfjs-backend-wasm.wasm'),
    engine('tfjs-wasm-simd', tfjs, 'dist/tfjs-backend-wasm-simd.wasm'),
    engine('mediapipe-vision', '@mediapipe/tasks-vision', 'wasm/vision_wasm_module_internal.wasm'),
  ];
}
