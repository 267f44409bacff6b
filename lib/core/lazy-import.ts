import { FaceNetError } from './errors.ts';

/**
 * Imports a chunk of the library that is loaded on first use.
 *
 * @param load the dynamic import.
 * @throws {FaceNetError} `model-missing` when the script cannot be fetched; `backend-unavailable` in a service worker, where dynamic
 *   imports are forbidden.
 */
export async function lazyImport<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ('ServiceWorkerGlobalScope' in globalThis) {
      throw new FaceNetError(
        'backend-unavailable',
        'A service worker must not import scripts dynamically, which the networks and the passphrases of galleries need: use a page, or an offscreen document in an extension.',
        { cause },
      );
    }
    throw new FaceNetError(
      'model-missing',
      'A script of facenet-web could not be fetched: check the network, and that every file of the package’s dist is served.',
      { cause },
    );
  }
}
