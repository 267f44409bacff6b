import { expect, test } from 'vitest';
import { webpOrientation } from '../../../lib/image/webp-exif.ts';

/** The chunk of a RIFF file, padded to an even size. */
function chunk(name: string, content: Buffer): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(8);
  header.write(name);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}

/** A WebP file without picture data. */
function webp(chunks: Buffer[]): Blob {
  const header = chunk('VP8X', Buffer.from([0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  return new Blob([chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), header, ...chunks]))]);
}

/** A TIFF structure whose second entry is the orientation. */
function tiff(orientation: number, littleEndian = false): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(38);
  const short = (value: number, offset: number) =>
    littleEndian ? bytes.writeUInt16LE(value, offset) : bytes.writeUInt16BE(value, offset);
  const long = (value: number, offset: number) =>
    littleEndian ? bytes.writeUInt32LE(value, offset) : bytes.writeUInt32BE(value, offset);
  bytes.write(littleEndian ? 'II' : 'MM');
  short(42, 2);
  long(8, 4);
  short(2, 8);
  short(0x0100, 10);
  short(0x0112, 22);
  short(3, 24);
  long(1, 26);
  short(orientation, 30);
  return bytes;
}

const oddChunk = chunk('ICCP', Buffer.alloc(3));

test('reads each orientation in both byte orders, with and without the prefix of JPEG', async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    for (const littleEndian of [false, true]) {
      const exif = tiff(orientation, littleEndian);
      expect(await webpOrientation(webp([chunk('EXIF', exif)]))).toBe(orientation);
      const prefixed = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
      expect(await webpOrientation(webp([oddChunk, chunk('EXIF', prefixed), oddChunk]))).toBe(orientation);
    }
  }
});

test.each([
  ['a file without the chunk', webp([oddChunk])],
  ['an empty chunk', webp([chunk('EXIF', Buffer.alloc(0))])],
  ['an orientation of 0', webp([chunk('EXIF', tiff(0))])],
  ['an orientation of 9', webp([chunk('EXIF', tiff(9))])],
  ['a directory outside the file', webp([chunk('EXIF', Buffer.concat([Buffer.from('MM'), Buffer.alloc(6, 0xff)]))])],
  ['a chunk that is longer than the file', webp([Buffer.from('ICCP\xff\xff\xff\x7f', 'latin1')])],
  ['a short file', new Blob(['RIFF'])],
])('returns 1 for %s', async (_, file) => {
  expect(await webpOrientation(file)).toBe(1);
});
