import { signal } from '@preact/signals';
import { FaceNet, type Progress } from 'facenet-web';

/** The loading state of the shared FaceNet. */
export type FaceNetState =
  | { status: 'idle' }
  | { status: 'loading'; progress: Progress | undefined }
  | { status: 'ready'; facenet: FaceNet }
  | { status: 'failed'; error: unknown };

/** The page's only FaceNet. All views share it. */
export const facenetState = signal<FaceNetState>({ status: 'idle' });

/** The presets and backends to choose from. */
export const presets = ['balanced', 'fast', 'accurate'] as const;
export const backends = ['auto', 'fastest', 'webgpu', 'webgl', 'wasm'] as const;

/** The options of the page's FaceNet that a user can choose. They last as long as the page. */
export interface LoadChoice {
  preset: (typeof presets)[number];
  backend: (typeof backends)[number];
}

/** The options in use. */
export const facenetOptions = signal<LoadChoice>({ preset: 'balanced', backend: 'auto' });

/** Loads the models again with other options. The views wait for it as for the first load. */
export async function reloadFaceNet(change: Partial<LoadChoice>): Promise<void> {
  facenetOptions.value = { ...facenetOptions.peek(), ...change };
  await unloadFaceNet();
  await loadFaceNet();
}

/** Whether all model files are in the cache, so that they load without a connection. */
export const modelsCached = signal(false);

/** Ends a pending {@link loadFaceNet} in {@link unloadFaceNet}. */
let loading = new AbortController();

/** Resolvers of pending {@link loadedFaceNet} calls. */
const pending: ((facenet: FaceNet) => void)[] = [];

/** Loads the models, or retries after a failure. Does nothing while they load or once they are loaded. */
export async function loadFaceNet(): Promise<void> {
  const { status } = facenetState.peek();
  if (status === 'loading' || status === 'ready') return;
  facenetState.value = { status: 'loading', progress: undefined };
  const { signal } = loading;
  try {
    const facenet = await FaceNet.load({
      models: 'models/',
      ...facenetOptions.peek(),
      signal,
      onProgress: (progress) => {
        facenetState.value = { status: 'loading', progress };
      },
    });
    facenetState.value = { status: 'ready', facenet };
    for (const resolve of pending.splice(0)) resolve(facenet);
    void cacheModels(facenet);
  } catch (error) {
    if (!signal.aborted) facenetState.value = { status: 'failed', error };
  }
}

/**
 * Milliseconds to wait before asking whether the models are cached. The library has normally written them by then. Asking
 * sooner would make it write them immediately, which delays the first image.
 */
const cacheCheckDelay = 1500;

async function cacheModels(facenet: FaceNet): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, cacheCheckDelay));
  // Rejects if the worker has stopped: then the models may not be cached.
  const cached = await facenet.persist().catch(() => false);
  const state = facenetState.peek();
  if (state.status === 'ready' && state.facenet === facenet) modelsCached.value = cached;
}

/** Resolves with the FaceNet once it is loaded. Never rejects: the shell shows a failed load and offers to retry. */
export async function loadedFaceNet(): Promise<FaceNet> {
  const state = facenetState.peek();
  return state.status === 'ready' ? state.facenet : new Promise((resolve) => pending.push(resolve));
}

/** Disposes the FaceNet or stops loading it, so that its cache can be erased. {@link loadFaceNet} loads it again. */
export async function unloadFaceNet(): Promise<void> {
  const state = facenetState.peek();
  loading.abort();
  loading = new AbortController();
  facenetState.value = { status: 'idle' };
  modelsCached.value = false;
  if (state.status === 'ready') await state.facenet.dispose();
}
