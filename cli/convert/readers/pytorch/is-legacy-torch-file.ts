/** The first pickle of the legacy form of `torch.save`: a protocol of 2 and the magic number 0x1950a86a20f9469cfc6c. */
export const legacyMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

/** Whether a file is of the legacy form of `torch.save`, which PyTorch wrote before version 1.6. */
export function isLegacyTorchFile(bytes: Uint8Array): boolean {
  return legacyMagic.every((byte, i) => bytes[i] === byte);
}
