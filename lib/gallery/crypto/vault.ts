import { FaceNetError } from '../../core/errors.ts';
import { type Bytes, equalBytes, randomBytes, utf8 } from './bytes.ts';
import { damageAdvice } from './damage-advice.ts';

/** PBKDF2 iterations, as OWASP's Password Storage Cheat Sheet recommends for HMAC-SHA-256 (2023). */
const iterations = 600_000;

/** The key derivation of new vaults. Vaults of release 0.1.0 use it without naming it. */
const pbkdf2 = 'pbkdf2-sha256';

/** The public parameters that turn a passphrase into the data key. */
export interface VaultHeader {
  /** The name of the function that derives a key from the passphrase: `pbkdf2-sha256`, or none in release 0.1.0. */
  kdf?: string;
  /** PBKDF2 iterations. */
  iterations: number;
  /** 16 random bytes. */
  salt: Bytes;
  /**
   * 16 bytes derived from the passphrase independently of the key. They verify a passphrase without revealing the key.
   */
  check: Bytes;
  /** The random data key, encrypted with the key derived from the passphrase. */
  dataKey: Sealed;
  /** The SHA-256 of the fields above. It distinguishes a damaged header from a wrong passphrase. */
  digest: Bytes;
}

/** An encrypted record: the nonce and output of AES-GCM. Without a passphrase, an empty nonce and the plain bytes. */
export interface Sealed {
  iv: Bytes;
  data: Bytes;
}

/** What a vault is the header of: it decides what the errors about damage advise. */
export type VaultPlace = 'gallery' | 'export';

/** Encrypts and decrypts records. `additionalData` is authenticated with a record, and opens only that record. */
export interface Cipher {
  seal(bytes: Bytes, additionalData: string): Promise<Sealed>;
  /** @throws {FaceNetError} `gallery-corrupt` if the record was altered, or sealed with other additional data. */
  open(sealed: Sealed, additionalData: string): Promise<Bytes>;
}

/** The cipher of a gallery without a passphrase. */
export const noCipher: Cipher = {
  seal: async (data) => ({ iv: new Uint8Array(0), data }),
  open: async ({ iv, data }, additionalData) => {
    if (iv.length > 0) throw tampered(`The record "${additionalData}"`, damageAdvice.record);
    return data;
  },
};

/**
 * Creates a random data key, encrypted with a passphrase.
 *
 * @throws {FaceNetError} `option-invalid` for an empty passphrase.
 */
export async function createVault(passphrase: string): Promise<{ header: VaultHeader; cipher: Cipher }> {
  const key = randomBytes(32);
  return { header: await wrap(key, passphrase), cipher: await cipherOf(key) };
}

/**
 * Decrypts the data key of a vault.
 *
 * @param place whether the vault and its records are those of a stored gallery, or of an exported file.
 * @throws {FaceNetError} `key-wrong` for a wrong passphrase, `gallery-corrupt` for a damaged header, `gallery-version`
 *   for a key derivation of a newer release.
 */
export async function openVault(
  header: VaultHeader,
  passphrase: string,
  place: VaultPlace = 'gallery',
): Promise<Cipher> {
  const advice = place === 'gallery' ? damageAdvice.record : damageAdvice.export;
  return cipherOf(await unwrap(header, passphrase, place), advice);
}

/** Encrypts the same data key with another passphrase. Sealed records stay readable. Throws like {@link openVault}. */
export async function changePassphrase(header: VaultHeader, current: string, next: string): Promise<VaultHeader> {
  return wrap(await unwrap(header, current), next);
}

/**
 * The vault of release 0.1.0 as this release writes it, with the same data key and passphrase. It names its key derivation:
 * then a gallery without a digest is known to be damaged.
 *
 * @returns undefined for a vault of this release. Throws like {@link openVault}.
 */
export async function renewedVault(header: VaultHeader, passphrase: string): Promise<VaultHeader | undefined> {
  return header.kdf === undefined ? wrap(await unwrap(header, passphrase), passphrase) : undefined;
}

async function wrap(dataKey: Bytes, passphrase: string): Promise<VaultHeader> {
  const salt = randomBytes(16);
  const { cipher, check } = await derive(passphrase, salt, iterations);
  const rest = { kdf: pbkdf2, iterations, salt, check, dataKey: await cipher.seal(dataKey, dataKeyOf(pbkdf2)) };
  return { ...rest, digest: await digestOf(rest) };
}

/** The additional data of a data key. It names the key derivation, so that a vault cannot pass as an earlier one. */
function dataKeyOf(kdf: string | undefined): string {
  return kdf === undefined ? 'data key' : `data key ${kdf}`;
}

async function unwrap(header: VaultHeader, passphrase: string, place: VaultPlace = 'gallery'): Promise<Bytes> {
  if (header.kdf !== undefined && header.kdf !== pbkdf2) {
    throw new FaceNetError(
      'gallery-version',
      `The key of the file is derived by "${header.kdf}", which this release does not support: update facenet-web.`,
    );
  }
  const [vault, advice] =
    place === 'gallery'
      ? (["The gallery's vault", damageAdvice.vault] as const)
      : (['The header of the export', damageAdvice.export] as const);
  if (!equalBytes(await digestOf(header), header.digest)) throw tampered(vault, advice);
  const { cipher, check } = await derive(passphrase, header.salt, header.iterations);
  if (!equalBytes(check, header.check)) {
    throw new FaceNetError('key-wrong', 'The passphrase is wrong: ask the user for it again.');
  }
  try {
    return await cipher.open(header.dataKey, dataKeyOf(header.kdf));
  } catch (cause) {
    throw tampered(vault, advice, cause);
  }
}

/** Derives a key and a check value from a passphrase by PBKDF2 and HKDF. Neither reveals the other. */
async function derive(passphrase: string, salt: Bytes, iterations: number): Promise<{ cipher: Cipher; check: Bytes }> {
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new FaceNetError('option-invalid', 'The passphrase is empty or not a string: pass a non-empty string.');
  }
  // Keyboards compose the same character from different code points; NFKC maps them to one form.
  const secret = utf8(passphrase.normalize('NFKC'));
  const password = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, password, 256);
  const source = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveBits']);
  const expand = async (purpose: string, length: number) =>
    new Uint8Array(
      await crypto.subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`facenet-web gallery ${purpose}`) },
        source,
        length,
      ),
    );
  return { cipher: await cipherOf(await expand('key', 256)), check: await expand('check', 128) };
}

/** @param advice what the errors about damaged records advise. */
async function cipherOf(raw: Bytes, advice: string = damageAdvice.record): Promise<Cipher> {
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return {
    async seal(bytes, additionalData) {
      const iv = randomBytes(12);
      const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(additionalData) };
      const data = await crypto.subtle.encrypt(algorithm, key, bytes);
      return { iv, data: new Uint8Array(data) };
    },
    async open({ iv, data }, additionalData) {
      const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(additionalData) };
      try {
        return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, data));
      } catch (cause) {
        throw tampered(`The record "${additionalData}"`, advice, cause);
      }
    },
  };
}

async function digestOf({ kdf, iterations, salt, check, dataKey }: Omit<VaultHeader, 'digest'>): Promise<Bytes> {
  const parts = [
    utf8(kdf === undefined ? '' : `${kdf} `),
    utf8(`${iterations} `),
    salt,
    check,
    dataKey.iv,
    dataKey.data,
  ];
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
}

/** @param subject what is damaged, as the subject of a sentence. */
function tampered(subject: string, advice: string, cause?: unknown): FaceNetError {
  return new FaceNetError('gallery-corrupt', `${subject} is damaged or was tampered with: ${advice}.`, { cause });
}
