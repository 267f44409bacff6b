import type { BackendName } from '../../core/types.ts';
import type { EngineFileName } from '../../models/manifest.ts';
import { loadTensorFlow, onBackend, type TensorFlow } from './tensorflow.ts';

/** Where WebAssembly files come from. */
export interface WasmSource {
  /** Reads a WebAssembly file of the models folder. */
  readWasmFile: (name: EngineFileName) => Promise<Uint8Array<ArrayBuffer>>;
}

/** Loads TensorFlow.js and starts one of its backends, which then serves the whole page. */
export async function startBackend(name: BackendName, source: WasmSource): Promise<TensorFlow> {
  const tf = await loadTensorFlow();
  await starters[name](tf, source);
  return tf;
}

const starters: Record<BackendName, (tf: TensorFlow, source: WasmSource) => Promise<void>> = {
  async webgpu(tf) {
    await import('@tensorflow/tfjs-backend-webgpu');
    await onBackend(tf, 'webgpu', () => {});
  },
  async webgl(tf) {
    await import('@tensorflow/tfjs-backend-webgl');
    await onBackend(tf, 'webgl', () => {});
  },
  async wasm(tf, { readWasmFile }) {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const bytes = await readWasmFile(await backendWasmFile(tf));
    const url = URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' }));
    // The backend expects a URL for each of its builds and fetches only the one that this machine supports, which is
    // `url`.
    const files = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
    const paths = Object.fromEntries(files.map((file) => [file, url]));
    const setPaths = () => setWasmPaths(paths);
    try {
      await onBackend(tf, 'wasm', () => {}, setPaths);
    } finally {
      URL.revokeObjectURL(url);
    }
  },
};

/** The WebAssembly file of TensorFlow.js that this machine supports. */
async function backendWasmFile(tf: TensorFlow): Promise<EngineFileName> {
  // The backend starts its threads from the source text of a function. Bundlers rewrite it, and the threads then fail
  // silently.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  return (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'tfjs-wasm-simd' : 'tfjs-wasm';
}
