import { FaceNetError } from './errors.ts';

/**
 * Imports a chunk of the library that is loaded on first use.
 *
 * @param load the dynamic import.
 * @throws {FaceNetError} `model-missing` when the script cannot be fetched.
 */
export async function lazyImport<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new FaceNetError(
      'model-missing',
      'A script of facenet-web could not be fetched: check the network, and that every file of the package’s dist is served.',
      { cause },
    );
  }
}
