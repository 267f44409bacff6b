import { fourCharacters } from '../../image/webp-chunks.ts';

/** The size of a photo whose format states it elsewhere (HEIC, AVIF), in pixels for each byte. Good photos have fewer. */
const estimatedPixelsPerByte = 8;

/** The number of pixels of an encoded photo, read from the header of a JPEG, PNG or WebP file, and otherwise estimated by its size. */
export function pixelCount(bytes: ArrayBuffer): number {
  const view = new DataView(bytes);
  return pixelsOfPng(view) ?? pixelsOfJpeg(view) ?? pixelsOfWebp(view) ?? estimatedPixelsPerByte * bytes.byteLength;
}

/** As the image header states. (PNG 1.2, 11.2.2) */
function pixelsOfPng(view: DataView): number | undefined {
  if (view.byteLength < 24 || view.getUint32(0) !== 0x89504e47) return undefined;
  return view.getUint32(16) * view.getUint32(20);
}

/** As the frame header states. (ISO/IEC 10918-1, B.2.2) */
function pixelsOfJpeg(view: DataView): number | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker < 0xffc0 || marker === 0xffda) return undefined;
    // All of this range but the tables of codes and the extension.
    const isFrame = marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc;
    if (isFrame) return view.getUint16(at + 5) * view.getUint16(at + 7);
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** As the first chunk states: of a picture with extensions, of a lossless or of a lossy one. (RFC 9649, 2.5 to 2.7) */
function pixelsOfWebp(view: DataView): number | undefined {
  if (view.byteLength < 30 || view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return undefined;
  switch (fourCharacters(view, 12)) {
    case 'VP8X':
      return (1 + uint24(view, 24)) * (1 + uint24(view, 27));
    case 'VP8L': {
      // 14 bits each, after the signature.
      const sides = view.getUint32(21, true);
      return (1 + (sides & 0x3fff)) * (1 + ((sides >> 14) & 0x3fff));
    }
    case 'VP8 ':
      // Of 16 bits the upper two are the scale.
      return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
    default:
      return undefined;
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
}
