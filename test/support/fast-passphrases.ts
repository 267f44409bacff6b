import { vi } from 'vitest';
import type * as Argon2id from '../../lib/gallery/crypto/argon2id.ts';

/**
 * Derives keys from passphrases with little memory and in one iteration, for tests that open many encrypted galleries.
 */
export function fastPassphrases(): void {
  // The library imports it on first use.
  vi.doMock('../../lib/gallery/crypto/argon2id.ts', async (importOriginal) => {
    const { deriveArgon2id } = await importOriginal<typeof Argon2id>();
    const derive: typeof deriveArgon2id = (secret, salt) =>
      deriveArgon2id(secret, salt, { memory: 8, passes: 1, lanes: 1 });
    return { deriveArgon2id: derive };
  });
  const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation((algorithm, ...rest) =>
    deriveBits(
      typeof algorithm === 'object' && 'iterations' in algorithm ? { ...algorithm, iterations: 1 } : algorithm,
      ...rest,
    ),
  );
}
