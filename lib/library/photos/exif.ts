import { announcesExif, webpExif } from '../../image/webp-chunks.ts';

/** What a photo's EXIF data states. */
export interface PhotoHeader {
  /** When it was taken, in milliseconds since 1970. Without a time zone in the data, the browser's is assumed. */
  taken?: number;
  /** The orientation, 1 to 8. 1 is upright. */
  orientation: number;
}

const tag = { orientation: 0x0112, exif: 0x8769, dateTimeOriginal: 0x9003, offsetTimeOriginal: 0x9011 };

/**
 * Reads the EXIF data of a JPEG, PNG or WebP file: of the formats whose orientation is applied when they are decoded. Other files, and
 * damaged data, have none. Damage of the time does not affect the orientation. (Exif 2.32, JEITA CP-3451)
 */
export function readHeader(bytes: ArrayBuffer): PhotoHeader {
  const header = unlessDamaged(() => {
    const exif = exifData(new DataView(bytes));
    return exif && readExif(exif);
  });
  return header ?? { orientation: 1 };
}

/** Reads a part of the file. @returns undefined if an offset in it is beyond the end of the file. */
function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The TIFF structure of a file. @throws {RangeError} if the file is damaged. */
function exifData(file: DataView): DataView | undefined {
  if (file.byteLength < 4) return undefined;
  if (file.getUint16(0) === 0xffd8) return exifOfJpeg(file);
  if (file.getUint32(0) === 0x89504e47) return exifOfPng(file);
  return announcesExif(new Uint8Array(file.buffer, file.byteOffset, file.byteLength)) ? webpExif(file) : undefined;
}

/** That of the EXIF segment. (Exif 2.32, 4.7.2) */
function exifOfJpeg(view: DataView): DataView | undefined {
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    // The scan begins: no more headers.
    if (marker === 0xffda || marker >> 8 !== 0xff) return undefined;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return new DataView(view.buffer, at + 10);
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** That of the chunk `eXIf`, if it is before the pixels: browsers do not read a later one. (PNG 3, 11.3.4.5) */
function exifOfPng(view: DataView): DataView | undefined {
  for (let at = 8; at + 8 <= view.byteLength; ) {
    const [size, name] = [view.getUint32(at), view.getUint32(at + 4)];
    if (name === 0x65584966) return new DataView(view.buffer, at + 8, size);
    // IDAT: the pixels.
    if (name === 0x49444154) return undefined;
    at += 12 + size;
  }
  return undefined;
}

function readExif(tiff: DataView): PhotoHeader {
  const little = tiff.getUint16(0) === 0x4949;
  const first = readDirectory(tiff, tiff.getUint32(4, little), little);
  const orientationAt = first.get(tag.orientation);
  const orientation = orientationAt === undefined ? 1 : tiff.getUint16(orientationAt, little);
  const taken = unlessDamaged(() => readTime(tiff, first.get(tag.exif), little));
  return {
    ...(taken !== undefined && { taken }),
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
  };
}

/** The time of the directory of details, whose offset is the value of an entry. */
function readTime(tiff: DataView, entry: number | undefined, little: boolean): number | undefined {
  if (entry === undefined) return undefined;
  const details = readDirectory(tiff, tiff.getUint32(entry, little), little);
  const date = textAt(tiff, details.get(tag.dateTimeOriginal), 19, little);
  const zone = unlessDamaged(() => textAt(tiff, details.get(tag.offsetTimeOriginal), 6, little)) ?? '';
  return toTime(date, zone);
}

/** Where the value of each entry of a directory is stored, by its tag. Entries beyond the end of the file are left out. */
function readDirectory(tiff: DataView, at: number, little: boolean): Map<number, number> {
  const count = Math.min(tiff.getUint16(at, little), Math.floor((tiff.byteLength - at - 2) / 12));
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const entry = at + 2 + 12 * i;
      return [tiff.getUint16(entry, little), entry + 8];
    }),
  );
}

/** Text of more than four bytes, which is stored elsewhere. */
function textAt(tiff: DataView, value: number | undefined, length: number, little: boolean): string {
  if (value === undefined) return '';
  const at = tiff.getUint32(value, little);
  return Array.from({ length }, (_, i) => String.fromCharCode(tiff.getUint8(at + i))).join('');
}

function toTime(date: string, zone: string): number | undefined {
  const match = date.match(/^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/);
  if (!match) return undefined;
  const [, year, month, day, time] = match;
  const offset = /^[+-]\d\d:\d\d$/.test(zone) ? zone : '';
  const taken = Date.parse(`${year}-${month}-${day}T${time}${offset}`);
  return Number.isNaN(taken) ? undefined : taken;
}
