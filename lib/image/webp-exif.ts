import type { Orientation } from './orientation.ts';

/** The bit of a VP8X chunk's flags that announces an EXIF chunk. */
const exifFlag = 0x08;

/** The offset of the first chunk of a RIFF file: after `RIFF`, the size and `WEBP`. */
const firstChunk = 12;

/** The EXIF tag of the orientation. */
const orientationTag = 0x0112;

/**
 * Reads the EXIF orientation of a WebP file.
 *
 * @returns 1 for every other file, and for a missing or damaged EXIF chunk.
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export async function webpOrientation(file: Blob): Promise<Orientation> {
  // Of most files only the first bytes are read.
  const header = new DataView(await file.slice(0, firstChunk + 9).arrayBuffer());
  if (!announcesExif(header)) return 1;
  try {
    return exifOrientation(exifChunk(new DataView(await file.arrayBuffer())));
  } catch (error) {
    // An offset outside the file: the picture is shown as it is stored, as image viewers do.
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

function announcesExif(header: DataView): boolean {
  if (header.byteLength < firstChunk + 9) return false;
  const isExtendedWebp =
    text(header, 0) === 'RIFF' && text(header, 8) === 'WEBP' && text(header, firstChunk) === 'VP8X';
  return isExtendedWebp && (header.getUint8(firstChunk + 8) & exifFlag) !== 0;
}

/** The content of the EXIF chunk. Chunks have a name, a size and, after an odd size, a byte of padding. */
function exifChunk(file: DataView): DataView {
  let offset = firstChunk;
  for (;;) {
    const size = file.getUint32(offset + 4, true);
    if (text(file, offset) === 'EXIF') return new DataView(file.buffer, offset + 8, size);
    offset += 8 + size + (size % 2);
  }
}

/** Reads the orientation of a TIFF header with its first directory. Some writers put JPEG's `Exif\0\0` before it. */
function exifOrientation(exif: DataView): Orientation {
  const start = text(exif, 0) === 'Exif' ? 6 : 0;
  const littleEndian = text(exif, start).startsWith('II');
  const directory = start + exif.getUint32(start + 4, littleEndian);
  const entries = exif.getUint16(directory, littleEndian);
  for (let entry = 0; entry < entries; entry++) {
    const offset = directory + 2 + entry * 12;
    if (exif.getUint16(offset, littleEndian) !== orientationTag) continue;
    const value = exif.getUint16(offset + 8, littleEndian);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Four characters. @throws {RangeError} outside the file. */
function text(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}
