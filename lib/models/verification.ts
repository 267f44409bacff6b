import { FaceNetError } from '../core/errors.ts';
import { sha256Hex } from '../core/sha256.ts';
import type { ModelFile } from './manifest.ts';

/**
 * @throws {FaceNetError} `insecure-context` if the page has no Web Crypto, without which no file can be verified.
 */
export function requireHashing(): void {
  if (globalThis.crypto?.subtle) return;
  throw new FaceNetError(
    'insecure-context',
    'The weights cannot be verified on an insecure page: serve it over HTTPS or from localhost.',
  );
}

/** Whether a file has the size and the SHA-256 that the manifest states. */
export async function isIntact(bytes: Uint8Array<ArrayBuffer>, file: ModelFile): Promise<boolean> {
  return bytes.length === file.bytes && (await sha256Hex(bytes)) === file.sha256;
}
