import { vi } from 'vitest';
import type * as Argon2id from '../../lib/gallery/crypto/argon2id.ts';

/** Derives keys by Argon2id with a thousandth of the memory, and by PBKDF2 in one iteration. */
export function fastPassphrases(): void {
  fastArgon2id();
  const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation((algorithm, ...rest) =>
    deriveBits(
      typeof algorithm === 'object' && 'iterations' in algorithm ? { ...algorithm, iterations: 1 } : algorithm,
      ...rest,
    ),
  );
}

/** Derives keys by Argon2id with a thousandth of the memory, and by PBKDF2 as always: stored vaults of PBKDF2 open. */
export function fastArgon2id(): void {
  // The library imports it on first use.
  vi.doMock('../../lib/gallery/crypto/argon2id.ts', async (importOriginal) => {
    const original = await importOriginal<typeof Argon2id>();
    const deriveArgon2id: typeof original.deriveArgon2id = (secret, salt, { memory, ...rest }) =>
      original.deriveArgon2id(secret, salt, { memory: Math.max(memory >> 10, 8 * rest.lanes), ...rest });
    return { deriveArgon2id };
  });
}
