/**
 * Whether a file begins like a ModelProto: with its first field, `ir_version`, a number below 32, and another field after it. Writers
 * of Protocol Buffers write fields in the order of their numbers.
 */
export function isOnnx(bytes: Uint8Array): boolean {
  const [tag, version = 0, next = 0] = bytes;
  return tag === 0x08 && version > 0 && version < 32 && next !== 0;
}
