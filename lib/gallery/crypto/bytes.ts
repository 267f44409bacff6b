/** Bytes in an ArrayBuffer that is not shared, as WebCrypto requires. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Encodes text as UTF-8. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Decodes UTF-8. @throws {TypeError} for malformed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** The base64 methods of ES2026, several times as fast as btoa() and atob(). Not every browser has them. */
interface ToBase64 {
  toBase64?(): string;
}
interface FromBase64 {
  fromBase64?(base64: string): Bytes;
}

/** Encodes bytes as base64 (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array & ToBase64): string {
  if (bytes.toBase64) return bytes.toBase64();
  let binary = '';
  // In chunks, because engines limit the number of arguments of a call.
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}

/** Decodes base64 with padding and without white space. @throws {Error} for malformed base64. */
export function fromBase64(base64: string): Bytes {
  // Both decoders below also accept white space and missing padding.
  if (base64.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(base64)) {
    throw new DOMException('The string is not base64.', 'InvalidCharacterError');
  }
  const native: FromBase64 = Uint8Array as FromBase64;
  if (native.fromBase64) return native.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Cryptographically secure random bytes. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
