import { vi } from 'vitest';

/** Derives keys from passphrases in one PBKDF2 iteration, for tests that open many encrypted galleries. */
export function fastPassphrases(): void {
  const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation((algorithm, ...rest) =>
    deriveBits(
      typeof algorithm === 'object' && 'iterations' in algorithm ? { ...algorithm, iterations: 1 } : algorithm,
      ...rest,
    ),
  );
}
