import { FaceNetError } from '../errors.ts';

/**
 * Fetches a part of the library that is loaded when it is first needed.
 *
 * @param load imports it.
 * @throws {FaceNetError} `model-missing` when the script cannot be fetched.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
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
