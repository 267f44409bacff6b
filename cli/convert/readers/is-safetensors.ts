/** The maximum size of the header, in bytes, as in the reference implementation. */
const maxHeader = 100_000_000;

/** Whether a file begins like a .safetensors file: with the length of its header, and `{"`. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = view.getUint32(4, true) === 0 && view.getUint32(0, true) <= maxHeader;
  return isShort && bytes[8] === 0x7b && (bytes[9] === 0x22 || bytes[9] === 0x7d);
}
