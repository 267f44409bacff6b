import { argon2id } from 'hash-wasm';
import type { Bytes } from './bytes.ts';

/** The parameters of Argon2id (RFC 9106, section 3.1). */
export interface Argon2idParameters {
  /** The memory in KiB. */
  memory: number;
  /** The number of passes over the memory. */
  passes: number;
  /** The number of lanes. They are computed one after the other. */
  lanes: number;
}

/**
 * Derives 32 bytes from a secret by Argon2id version 1.3.
 *
 * hash-wasm caches compiled modules only. Each call has a WebAssembly instance of its own, whose memory becomes garbage
 * with the call.
 *
 * @param salt at least 8 bytes.
 */
export async function deriveArgon2id(
  secret: Bytes,
  salt: Bytes,
  { memory, passes, lanes }: Argon2idParameters,
): Promise<Bytes> {
  const bytes = await argon2id({
    password: secret,
    salt,
    memorySize: memory,
    iterations: passes,
    parallelism: lanes,
    hashLength: 32,
    outputType: 'binary',
  });
  return new Uint8Array(bytes);
}
