/** The size of the header that {@link announcesExif} reads: that of the file, and the flags of its first chunk. */
const webpHeaderSize = 21;

/** The offset of the first chunk of a RIFF file: after `RIFF`, the size and `WEBP`. */
const firstChunk = 12;

/**
 * Whether a file is a WebP file that announces an EXIF chunk.
 *
 * @param header its first bytes, {@link webpHeaderSize} or more, unless the file is shorter.
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export function announcesExif(header: Uint8Array): boolean {
  const text = String.fromCharCode(...header.subarray(0, webpHeaderSize));
  return /^RIFF.{4}WEBPVP8X/s.test(text) && ((header[20] as number) & 0x08) !== 0;
}

/** {@link announcesExif} of a file. By its content, because the type of a Blob may be missing or another one. */
export async function isWebpWithExif(file: Blob): Promise<boolean> {
  return announcesExif(new Uint8Array(await file.slice(0, webpHeaderSize).arrayBuffer()));
}

/**
 * The TIFF structure in the EXIF chunk of a WebP file. Chunks have a name, a size and, after an odd size, a byte of padding. Some writers
 * put JPEG's `Exif\0\0` before the structure.
 *
 * @throws {RangeError} if the chunk is missing or damaged.
 */
export function webpExif(file: DataView): DataView {
  let offset = firstChunk;
  for (;;) {
    const size = file.getUint32(offset + 4, true);
    const start = file.byteOffset + offset + 8;
    if (fourCharacters(file, offset) === 'EXIF') {
      const content = new DataView(file.buffer, start, size);
      return fourCharacters(content, 0) === 'Exif' ? new DataView(file.buffer, start + 6, size - 6) : content;
    }
    offset += 8 + size + (size % 2);
  }
}

/** The name of a chunk, or the byte order of a TIFF structure. @throws {RangeError} outside the file. */
export function fourCharacters(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}
