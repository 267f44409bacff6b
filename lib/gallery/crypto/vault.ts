import { FaceNetError } from '../../core/errors.ts';
import { type Bytes, equalBytes, randomBytes, utf8 } from './bytes.ts';

/** PBKDF2's rounds: what OWASP's Password Storage Cheat Sheet asks of SHA-256 (2023). */
const iterations = 600_000;

/** What is needed beside the passphrase to read what was sealed; none of it is secret. */
export interface VaultHeader {
  /** PBKDF2's rounds. */
  iterations: number;
  /** 16 random bytes. */
  salt: Bytes;
  /** 16 bytes derived from the passphrase, beside the key and independent of it: tells whether the passphrase is right. */
  check: Bytes;
  /** The random data key, sealed by the key derived from the passphrase. */
  dataKey: Sealed;
  /** The SHA-256 of all the above: tells a damaged header from a wrong passphrase. */
  digest: Bytes;
}

/** Bytes as they are kept: AES-GCM's nonce and output, or an empty nonce and the bytes themselves without a passphrase. */
export interface Sealed {
  iv: Bytes;
  data: Bytes;
}

/** Seals what is kept and opens it again. `place` says what it is and whose, and is authenticated with it. */
export interface Cipher {
  seal(bytes: Bytes, place: string): Promise<Sealed>;
  /** @throws {FaceNetError} `gallery-corrupt` when this is not what was sealed for this place. */
  open(sealed: Sealed, place: string): Promise<Bytes>;
}

/** The cipher of a gallery without a passphrase. */
export const noCipher: Cipher = {
  seal: async (data) => ({ iv: new Uint8Array(0), data }),
  open: async ({ iv, data }, place) => {
    if (iv.length > 0) throw tampered(place);
    return data;
  },
};

/** Makes a random data key, sealed by a passphrase. @throws {FaceNetError} `option-invalid` for an empty passphrase. */
export async function createVault(passphrase: string): Promise<{ header: VaultHeader; cipher: Cipher }> {
  const key = randomBytes(32);
  return { header: await wrap(key, passphrase), cipher: await cipherOf(key) };
}

/**
 * Opens a vault.
 *
 * @throws {FaceNetError} `key-wrong` for a wrong passphrase, `gallery-corrupt` when the header is damaged.
 */
export async function openVault(header: VaultHeader, passphrase: string): Promise<Cipher> {
  return cipherOf(await unwrap(header, passphrase));
}

/** Seals the same data key by another passphrase: what it sealed stays as it is. Throws as {@link openVault} does. */
export async function changePassphrase(header: VaultHeader, current: string, next: string): Promise<VaultHeader> {
  return wrap(await unwrap(header, current), next);
}

async function wrap(dataKey: Bytes, passphrase: string): Promise<VaultHeader> {
  const salt = randomBytes(16);
  const { cipher, check } = await derive(passphrase, salt, iterations);
  const rest = { iterations, salt, check, dataKey: await cipher.seal(dataKey, 'data key') };
  return { ...rest, digest: await digestOf(rest) };
}

async function unwrap(header: VaultHeader, passphrase: string): Promise<Bytes> {
  if (!equalBytes(await digestOf(header), header.digest)) throw tampered('the header');
  const { cipher, check } = await derive(passphrase, header.salt, header.iterations);
  if (!equalBytes(check, header.check)) {
    throw new FaceNetError('key-wrong', 'The passphrase is wrong: ask for it again.');
  }
  return cipher.open(header.dataKey, 'data key');
}

/** From a passphrase a key and a check value, of which neither tells the other. */
async function derive(passphrase: string, salt: Bytes, iterations: number): Promise<{ cipher: Cipher; check: Bytes }> {
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new FaceNetError('option-invalid', 'The passphrase must be a string that is not empty.');
  }
  // One form of each letter, however the keyboard composed it.
  const secret = utf8(passphrase.normalize('NFKC'));
  const slow = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, slow, 256);
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

async function cipherOf(raw: Bytes): Promise<Cipher> {
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return {
    async seal(bytes, place) {
      const iv = randomBytes(12);
      const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(place) }, key, bytes);
      return { iv, data: new Uint8Array(data) };
    },
    async open({ iv, data }, place) {
      try {
        return new Uint8Array(
          await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(place) }, key, data),
        );
      } catch (cause) {
        throw tampered(place, cause);
      }
    },
  };
}

async function digestOf({ iterations, salt, check, dataKey }: Omit<VaultHeader, 'digest'>): Promise<Bytes> {
  const parts = [utf8(`${iterations} `), salt, check, dataKey.iv, dataKey.data];
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
}

function tampered(place: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'gallery-corrupt',
    `What the gallery keeps was damaged or tampered with (at ${place}): restore an export, or erase it.`,
    { cause },
  );
}
