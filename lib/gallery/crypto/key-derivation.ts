import { FaceNetError } from '../../core/errors.ts';
import { lazyImport } from '../../core/lazy-import.ts';
import { canCompileWasm } from '../../core/wasm-support.ts';
import type { Argon2idParameters } from './argon2id.ts';
import { type Bytes, utf8 } from './bytes.ts';

/** PBKDF2-HMAC-SHA-256, for vaults of release 0.1.0, which do not name it, and of pages that cannot run Argon2id. */
export interface Pbkdf2 {
  kdf?: 'pbkdf2-sha256';
  iterations: number;
}

/** Argon2id, for other vaults. */
export interface Argon2id extends Argon2idParameters {
  kdf: 'argon2id';
}

/** How a key is derived from a passphrase. */
export type KeyDerivation = Pbkdf2 | Argon2id;

/** 600,000 iterations, as OWASP's Password Storage Cheat Sheet recommends for HMAC-SHA-256 (2023). */
export const pbkdf2: Pbkdf2 = { kdf: 'pbkdf2-sha256', iterations: 600_000 };

/** The first option of OWASP's Password Storage Cheat Sheet (2023): it takes less time than PBKDF2, in the thread of the call. */
const argon2id: Argon2id = { kdf: 'argon2id', memory: 46 << 10, passes: 1, lanes: 1 };

/** The key derivation of new vaults. A service worker cannot import the script of Argon2id. */
export async function newKeyDerivation(): Promise<KeyDerivation> {
  const canRunArgon2id = !('ServiceWorkerGlobalScope' in globalThis) && (await canCompileWasm());
  return canRunArgon2id ? argon2id : pbkdf2;
}

/** The name and the parameters as text, which the digest of a vault covers. */
export function textOf(derivation: KeyDerivation): string {
  if (derivation.kdf === 'argon2id') {
    const { kdf, memory, passes, lanes } = derivation;
    return `${kdf} ${memory} ${passes} ${lanes}`;
  }
  const { kdf, iterations } = derivation;
  return kdf === undefined ? `${iterations}` : `${kdf} ${iterations}`;
}

/**
 * Derives 32 bytes from a passphrase.
 *
 * @throws {FaceNetError} `option-invalid` for an empty passphrase, `backend-unavailable` if Argon2id cannot run here,
 *   and like {@link lazyImport}.
 */
export async function deriveBits(derivation: KeyDerivation, passphrase: string, salt: Bytes): Promise<Bytes> {
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new FaceNetError('option-invalid', 'The passphrase is empty or not a string: pass a non-empty string.');
  }
  // Keyboards compose the same character from different code points; NFKC maps them to one form.
  const secret = utf8(passphrase.normalize('NFKC'));
  return derivation.kdf === 'argon2id'
    ? deriveByArgon2id(derivation, secret, salt)
    : deriveByPbkdf2(derivation, secret, salt);
}

async function deriveByPbkdf2({ iterations }: Pbkdf2, secret: Bytes, salt: Bytes): Promise<Bytes> {
  const password = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, password, 256);
  return new Uint8Array(bits);
}

async function deriveByArgon2id(parameters: Argon2id, secret: Bytes, salt: Bytes): Promise<Bytes> {
  if (!(await canCompileWasm())) {
    throw new FaceNetError(
      'backend-unavailable',
      "The key is derived from the passphrase by Argon2id, which needs WebAssembly: add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.",
    );
  }
  const { deriveArgon2id } = await lazyImport(() => import('./argon2id.ts'));
  try {
    return await deriveArgon2id(secret, salt, parameters);
  } catch (cause) {
    throw new FaceNetError(
      'backend-unavailable',
      `The key is derived from the passphrase by Argon2id, which needs ${parameters.memory >> 10} MiB of free memory: close other tabs, and call again.`,
      { cause },
    );
  }
}
