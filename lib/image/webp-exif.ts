import { fourCharacters, webpExif } from './webp-chunks.ts';

/** An EXIF orientation: how a stored picture must be turned and mirrored to be shown. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The EXIF tag of the orientation. */
const orientationTag = 0x0112;

/** Reads the EXIF orientation of a WebP file. @returns 1 if its EXIF chunk is missing or damaged. */
export async function webpOrientation(file: Blob): Promise<Orientation> {
  const bytes = new DataView(await file.arrayBuffer());
  try {
    return exifOrientation(webpExif(bytes));
  } catch (error) {
    // An offset outside the file: the picture is shown as it is stored, as image viewers do.
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

/** Reads the orientation of a TIFF header with its first directory. */
function exifOrientation(exif: DataView): Orientation {
  const littleEndian = fourCharacters(exif, 0).startsWith('II');
  const directory = exif.getUint32(4, littleEndian);
  const entries = exif.getUint16(directory, littleEndian);
  for (let entry = 0; entry < entries; entry++) {
    const offset = directory + 2 + entry * 12;
    if (exif.getUint16(offset, littleEndian) !== orientationTag) continue;
    const value = exif.getUint16(offset + 8, littleEndian);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
