import { FaceNetError } from '../errors.ts';
import type { EngineFileName } from '../models/manifest.ts';
import type { ProgressMeter } from '../models/progress.ts';
import type { ModelStore } from '../models/store.ts';
import type { BackendChoice, BackendName } from '../types.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';

/** The TensorFlow.js backends, in the order in which `auto` tries them. */
export const backendNames: readonly BackendName[] = ['webgpu', 'webgl', 'wasm'];

/** What a backend needs to start. */
export interface BackendContext {
  store: ModelStore;
  meter: ProgressMeter;
  signal: AbortSignal | undefined;
}

/**
 * Finds the first backend on which `prepare` succeeds.
 *
 * @param asked a backend by name, which must then work, or `auto`.
 * @param prepare puts the networks onto the backend and proves them; throws when they do not run right.
 * @throws {FaceNetError} `backend-unavailable` with every reason.
 */
export async function chooseBackend<T>(
  asked: BackendName | 'auto',
  context: BackendContext,
  prepare: (tf: TensorFlow, backend: BackendName) => Promise<T>,
): Promise<{ choice: BackendChoice; prepared: T }> {
  const candidates = asked === 'auto' ? backendNames : [asked];
  const rejected: BackendChoice['rejected'] = [];
  const tf = await loadTensorFlow();
  for (const name of candidates) {
    try {
      if (asked === 'auto') await requireHardware(name);
      await starters[name](tf, context);
      const prepared = await prepare(tf, name);
      const reason =
        asked === 'auto' ? 'the first that runs the networks correctly on this machine' : 'it was asked for by name';
      return { choice: { name, reason, rejected }, prepared };
    } catch (error) {
      context.signal?.throwIfAborted();
      // A missing or damaged file is the same on every backend, and must be told, not hidden behind another backend.
      if (error instanceof FaceNetError && error.code !== 'backend-unavailable') throw error;
      rejected.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = rejected.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new FaceNetError(
    'backend-unavailable',
    `No backend runs the networks here (${reasons}). ${asked === 'auto' ? 'Use a newer browser.' : 'Ask for "auto".'}`,
  );
}

/** A graphics interface that is emulated on the processor is right but many times slower than WebAssembly. */
async function requireHardware(name: BackendName): Promise<void> {
  if (name === 'webgpu') {
    const adapter = await globalThis.navigator?.gpu?.requestAdapter();
    if (!adapter) throw unavailable('this browser gives no WebGPU adapter');
    const { info } = adapter;
    if (info.isFallbackAdapter || isSoftware(`${info.vendor} ${info.architecture} ${info.description}`)) {
      throw unavailable('WebGPU is emulated in software here');
    }
  } else if (name === 'webgl') {
    const renderer = webglRenderer();
    if (renderer === undefined) throw unavailable('this browser gives no WebGL 2 context');
    if (isSoftware(renderer)) throw unavailable(`WebGL is emulated in software here (${renderer})`);
  }
}

function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

/** What draws WebGL 2 here, or nothing where there is none. */
export function webglRenderer(): string | undefined {
  const canvas =
    typeof OffscreenCanvas === 'undefined' ? globalThis.document?.createElement('canvas') : new OffscreenCanvas(1, 1);
  const context = canvas?.getContext('webgl2') as WebGL2RenderingContext | null | undefined;
  if (!context) return undefined;
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  // Browsers grant only a few contexts at a time.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return renderer;
}

/** Starts each backend; from then on it is there for the whole page. */
const starters: Record<BackendName, (tf: TensorFlow, context: BackendContext) => Promise<void>> = {
  async webgpu(tf) {
    await import('@tensorflow/tfjs-backend-webgpu');
    await onBackend(tf, 'webgpu', () => {});
  },
  async webgl(tf) {
    await import('@tensorflow/tfjs-backend-webgl');
    await onBackend(tf, 'webgl', () => {});
  },
  async wasm(tf, { read }) {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const url = URL.createObjectURL(new Blob([await read(await wasmEngine())], { type: 'application/wasm' }));
    try {
      // It wants an address for each of its three files and asks for the one that suits the machine, which is this one.
      setWasmPaths({
        'tfjs-backend-wasm.wasm': url,
        'tfjs-backend-wasm-simd.wasm': url,
        'tfjs-backend-wasm-threaded-simd.wasm': url,
      });
    } catch {
      // The paths cannot be set again after the start; then it runs already.
    }
    try {
      await onBackend(tf, 'wasm', () => {});
    } finally {
      URL.revokeObjectURL(url);
    }
  },
};

/** The name of TensorFlow.js's WebAssembly file that suits this machine. */
export async function wasmEngine(): Promise<EngineFileName> {
  const tf = await loadTensorFlow();
  await import('@tensorflow/tfjs-backend-wasm');
  // Its threads start from the text of a function that bundlers rewrite, and then fail without an error.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  return (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'tfjs-wasm-simd' : 'tfjs-wasm';
}

function unavailable(message: string): FaceNetError {
  return new FaceNetError('backend-unavailable', message);
}
