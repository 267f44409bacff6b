import { FaceNetError } from '../../core/errors.ts';
import { type Bytes, equalBytes, randomBytes, utf8 } from './bytes.ts';
import { damageAdvice } from './damage-advice.ts';
import { deriveBits, type KeyDerivation, newKeyDerivation, pbkdf2, textOf } from './key-derivation.ts';

/** The public fields of a vault, besides its key derivation. */
export interface VaultFields {
  /** 16 random bytes. */
  salt: Bytes;
  /**
   * 16 bytes derived from the passphrase independently of the key. They verify a passphrase without revealing the key.
   */
  check: Bytes;
  /** The random data key, encrypted with the key derived from the passphrase. */
  dataKey: Sealed;
  /**
   * The SHA-256 of the key derivation and the fields above. It distinguishes a damaged header from a wrong passphrase.
   */
  digest: Bytes;
}

/** A vault that this release can open. */
export type KnownVault = KeyDerivation & VaultFields;

/** The public parameters that turn a passphrase into the data key. A newer release may use another key derivation. */
export type VaultHeader = KnownVault | ({ kdf: string } & VaultFields);

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
 * @throws {FaceNetError} `option-invalid` for an empty passphrase, and like {@link deriveBits}.
 */
export async function createVault(passphrase: string): Promise<{ header: KnownVault; cipher: Cipher }> {
  const key = randomBytes(32);
  return { header: await wrap(key, passphrase), cipher: await cipherOf(key) };
}

/**
 * Decrypts the data key of a vault.
 *
 * @param place whether the vault and its records are those of a stored gallery, or of an exported file.
 * @throws {FaceNetError} `key-wrong` for a wrong passphrase, `gallery-corrupt` for a damaged header, `gallery-version`
 *   for a key derivation of a newer release, and like {@link deriveBits}.
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
export async function changePassphrase(header: VaultHeader, current: string, next: string): Promise<KnownVault> {
  return wrap(await unwrap(header, current), next);
}

/**
 * Decrypts the data key of a gallery's vault, and encrypts it again if the vault is of release 0.1.0. The new vault
 * names its key derivation: then a gallery without a digest is known to be damaged. It stays PBKDF2, so that the gallery opens
 * wherever it did before. Throws like {@link openVault}.
 */
export async function openAndRenewVault(
  header: VaultHeader,
  passphrase: string,
): Promise<{ cipher: Cipher; renewed: KnownVault | undefined }> {
  const dataKey = await unwrap(header, passphrase);
  const renewed = header.kdf === undefined ? await wrap(dataKey, passphrase, pbkdf2) : undefined;
  return { cipher: await cipherOf(dataKey), renewed };
}

async function wrap(dataKey: Bytes, passphrase: string, given?: KeyDerivation): Promise<KnownVault> {
  const salt = randomBytes(16);
  const derivation = given ?? (await newKeyDerivation());
  const { cipher, check } = await derive(derivation, passphrase, salt);
  const rest = { ...derivation, salt, check, dataKey: await cipher.seal(dataKey, dataKeyOf(derivation)) };
  return { ...rest, digest: await digestOf(rest) };
}

/** The additional data of a data key. It names the key derivation, so that a vault cannot pass as an earlier one. */
function dataKeyOf(derivation: KeyDerivation): string {
  if (derivation.kdf === 'argon2id') return `data key ${textOf(derivation)}`;
  return derivation.kdf === undefined ? 'data key' : `data key ${derivation.kdf}`;
}

async function unwrap(header: VaultHeader, passphrase: string, place: VaultPlace = 'gallery'): Promise<Bytes> {
  if (!isKnown(header)) {
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
  const { cipher, check } = await derive(header, passphrase, header.salt);
  if (!equalBytes(check, header.check)) {
    throw new FaceNetError('key-wrong', 'The passphrase is wrong: ask the user for it again.');
  }
  try {
    return await cipher.open(header.dataKey, dataKeyOf(header));
  } catch (cause) {
    throw tampered(vault, advice, cause);
  }
}

function isKnown(header: VaultHeader): header is KnownVault {
  return header.kdf === undefined || header.kdf === 'pbkdf2-sha256' || header.kdf === 'argon2id';
}

/** Derives a key and a check value from a passphrase. HKDF separates them: neither reveals the other. */
async function derive(
  derivation: KeyDerivation,
  passphrase: string,
  salt: Bytes,
): Promise<{ cipher: Cipher; check: Bytes }> {
  const bits = await deriveBits(derivation, passphrase, salt);
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

async function digestOf(header: KeyDerivation & Omit<VaultFields, 'digest'>): Promise<Bytes> {
  const { salt, check, dataKey } = header;
  const parts = [utf8(`${textOf(header)} `), salt, check, dataKey.iv, dataKey.data];
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
}

/** @param subject what is damaged, as the subject of a sentence. */
function tampered(subject: string, advice: string, cause?: unknown): FaceNetError {
  return new FaceNetError('gallery-corrupt', `${subject} is damaged or was tampered with: ${advice}.`, { cause });
}
