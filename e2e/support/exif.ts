import { crc32 } from 'node:zlib';

/** The types of files that {@link withOrientation} writes. */
export const exifTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;

/** A TIFF structure whose only entry is the orientation. */
export function exifData(orientation: number): Buffer {
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  return Buffer.from([...header, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
}

/** A copy of a file that states an EXIF orientation. The file has none, as the canvas encodes it. */
export function withOrientation(type: (typeof exifTypes)[number], file: Buffer, orientation: number): Buffer {
  return inserts[type](file, exifData(orientation));
}

const inserts: Record<(typeof exifTypes)[number], (file: Buffer, exif: Buffer) => Buffer> = {
  /** After the start-of-image marker. */
  'image/jpeg'(file, exif) {
    const content = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
    const marker = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
    return Buffer.concat([file.subarray(0, 2), marker, content, file.subarray(2)]);
  },
  /** After the header chunk. */
  'image/png'(file, exif) {
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(exif.length);
    const content = Buffer.concat([Buffer.from('eXIf'), exif]);
    crc.writeUInt32BE(crc32(content));
    return Buffer.concat([file.subarray(0, 33), length, content, crc, file.subarray(33)]);
  },
  /** At the end. Chromium encodes the extended format, whose header has a flag for the chunk. */
  'image/webp'(file, exif) {
    if (file.toString('latin1', 12, 16) !== 'VP8X') throw new Error('This browser encodes WebP without a VP8X chunk.');
    const chunk = Buffer.alloc(8);
    chunk.write('EXIF');
    chunk.writeUInt32LE(exif.length, 4);
    const changed = Buffer.concat([file, chunk, exif]);
    changed.writeUInt32LE(changed.length - 8, 4);
    changed.writeUInt8(changed.readUInt8(20) | 0x08, 20);
    return changed;
  },
};
