/** An EXIF orientation: how a stored picture must be turned and mirrored to be shown. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The offset of the first chunk of a RIFF file: after `RIFF`, the size and `WEBP`. */
const firstChunk = 12;

/** The EXIF tag of the orientation. */
const orientationTag = 0x0112;

/** Reads the EXIF orientation of a WebP file. @returns 1 if its EXIF chunk is missing or damaged. */
export async function webpOrientation(file: Blob): Promise<Orientation> {
  const bytes = new DataView(await file.arrayBuffer());
  try {
    return exifOrientation(exifChunk(bytes));
  } catch (error) {
    // An offset outside the file: the picture is shown as it is stored, as image viewers do.
    if (error instanceof RangeError) return 1;
    throw error;
  }
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
