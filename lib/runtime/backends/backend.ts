import { FaceNetError } from '../../core/errors.ts';
import type { BackendChoice, BackendName } from '../../core/types.ts';
import type { EngineFileName } from '../../models/manifest.ts';
import type { ThreadPool } from '../kernels/threads.ts';
import { loadTensorFlow, onBackend, type TensorFlow } from '../tensorflow/tensorflow.ts';

/** The TensorFlow.js backends, in the order in which `auto` tries them. */
export const backendNames: readonly BackendName[] = ['webgpu', 'webgl', 'wasm'];

/** What a backend needs to start. */
export interface BackendContext {
  /** Reads an engine's WebAssembly file. */
  readEngine: (name: EngineFileName) => Promise<Uint8Array<ArrayBuffer>>;
  signal: AbortSignal | undefined;
  /** Additional threads for the kernels of facenet-web. Absent: run on one thread. */
  threads?: ThreadStarter | undefined;
}

/** Starts the threads that share the work of the kernels. */
export interface ThreadStarter {
  /** Number of threads, including the calling thread. */
  count: number;
  /** Resolves with `undefined` if a thread does not start. */
  start(): Promise<ThreadPool | undefined>;
}

/** The backends to try, and those that need not be tried here, with the reasons. */
export interface BackendCandidates {
  names: readonly BackendName[];
  rejected: BackendChoice['rejected'];
}

/**
 * The backends to try: the one that was asked for by name, or with `auto` those that this machine has hardware for.
 *
 * @param lost those that were lost in use, and why; the next takes over even from one that was asked for by name.
 */
export async function backendCandidates(
  asked: BackendName | 'auto',
  lost: BackendChoice['rejected'] = [],
): Promise<BackendCandidates> {
  if (asked !== 'auto' && lost.length === 0) return { names: [asked], rejected: [] };
  const left = backendNames.filter((name) => !lost.some((one) => one.name === name));
  const obstacles = await Promise.all(
    left.map(async (name) => ({ name, reason: await obstacleTo[name]?.().catch(String) })),
  );
  return {
    names: obstacles.filter(({ reason }) => reason === undefined).map(({ name }) => name),
    rejected: [
      ...lost,
      ...obstacles.filter((obstacle): obstacle is { name: BackendName; reason: string } => !!obstacle.reason),
    ],
  };
}

/** A way to run networks, not started yet. A backend may have several, of which an earlier one is better. */
export interface Attempt<Started> {
  name: BackendName;
  /** Number of threads that the networks run on. Default: 1. */
  threads?: number;
  start(): Promise<Started>;
}

/**
 * Finds the first attempt on which `prepare` succeeds.
 *
 * @param prepare puts the networks onto the backend and proves them; throws when they do not run right.
 * @throws {FaceNetError} `backend-unavailable` with every reason.
 */
export async function chooseBackend<Started, T>(
  attempts: readonly Attempt<Started>[],
  { asked, rejected: passedOver }: { asked: BackendName | 'auto'; rejected: BackendChoice['rejected'] },
  signal: AbortSignal | undefined,
  prepare: (started: Started) => Promise<T>,
): Promise<{ choice: BackendChoice; prepared: T }> {
  const rejected = [...passedOver];
  for (const { name, threads = 1, start } of attempts) {
    try {
      const prepared = await prepare(await start());
      const reason =
        name === asked ? 'it was asked for by name' : 'the first that runs the networks correctly on this machine';
      return { choice: { name, reason, rejected, threads }, prepared };
    } catch (error) {
      signal?.throwIfAborted();
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

/**
 * Why a backend need not be tried. A graphics interface that is emulated on the processor is right but many times slower
 * than WebAssembly.
 */
const obstacleTo: Partial<Record<BackendName, () => Promise<string | undefined>>> = {
  async webgpu() {
    const adapter = await globalThis.navigator?.gpu?.requestAdapter();
    if (!adapter) return 'this browser gives no WebGPU adapter';
    // Chromium before 127 tells nothing about its adapter.
    const info: Partial<GPUAdapterInfo> | undefined = adapter.info;
    const { vendor, architecture, description, isFallbackAdapter } = info ?? {};
    const emulated = isFallbackAdapter || isSoftware(`${vendor} ${architecture} ${description}`);
    return emulated ? 'WebGPU is emulated in software here' : undefined;
  },
  async webgl() {
    const renderer = webglRenderer();
    if (renderer === undefined) return 'this browser gives no WebGL 2 context';
    return isSoftware(renderer) ? `WebGL is emulated in software here (${renderer})` : undefined;
  },
};

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

/** TensorFlow.js, with one of its backends started; from then on that is there for the whole page. */
export async function startTensorFlowOn(name: BackendName, context: BackendContext): Promise<TensorFlow> {
  const tf = await loadTensorFlow();
  await starters[name](tf, context);
  return tf;
}

const starters: Record<BackendName, (tf: TensorFlow, context: BackendContext) => Promise<void>> = {
  async webgpu(tf) {
    await import('@tensorflow/tfjs-backend-webgpu');
    await onBackend(tf, 'webgpu', () => {});
  },
  async webgl(tf) {
    await import('@tensorflow/tfjs-backend-webgl');
    await onBackend(tf, 'webgl', () => {});
  },
  async wasm(tf, { readEngine }) {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const bytes = await readEngine(await wasmEngine());
    const url = URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' }));
    // It wants an address for each of its three files and asks for the one that suits the machine, which is this one.
    const files = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
    const paths = Object.fromEntries(files.map((file) => [file, url]));
    try {
      await onBackend(
        tf,
        'wasm',
        () => {},
        () => setWasmPaths(paths),
      );
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
