import * as v from 'valibot';
import type { Bytes } from './crypto/bytes.ts';
import type { Sealed, VaultHeader } from './crypto/vault.ts';

const integer = (min: number, max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));

// The lower bounds reject a header that was weakened to speed up guessing; the upper bounds keep a forged header from
// blocking the page, or from taking its memory.

const pbkdf2 = {
  kdf: v.exactOptional(v.literal('pbkdf2-sha256')),
  iterations: integer(600_000, 10_000_000),
};

/** OWASP's Password Storage Cheat Sheet recommends at least 19 MiB (2023). */
const argon2id = {
  kdf: v.literal('argon2id'),
  memory: integer(19 << 10, 1 << 20),
  passes: integer(1, 20),
  lanes: integer(1, 4),
};

/** The most KiB that all passes together may fill: some eight seconds on a desktop, 90 times the work of a new vault. */
const maxArgon2idWork = 1 << 22;

/** The name of a key derivation of a newer release. */
const otherKdf = v.pipe(v.string(), v.minLength(1), v.maxLength(50), v.notValues(['pbkdf2-sha256', 'argon2id']));

/**
 * The schema of a vault.
 *
 * @param bytes how bytes are stored: as such in the database, as base64 in an export.
 * @param sealed how encrypted records are stored.
 */
export function vaultSchema(
  bytes: v.GenericSchema<unknown, Bytes>,
  sealed: v.GenericSchema<unknown, Sealed>,
): v.GenericSchema<unknown, VaultHeader> {
  const fields = { check: bytes, dataKey: sealed, digest: bytes };
  return v.variant('kdf', [
    v.object({ ...pbkdf2, ...fields, salt: bytes }),
    v.pipe(
      v.object({ ...argon2id, ...fields, salt: v.pipe(bytes, v.length(16)) }),
      v.check(({ memory, passes }) => memory * passes <= maxArgon2idWork, 'must not take that much memory and passes'),
    ),
    // Loose, so that a repair keeps what a newer release needs.
    v.looseObject({ kdf: otherKdf, ...fields, salt: bytes }),
  ]);
}
