import { expect, test } from 'vitest';
import { webpOrientation } from '../../../lib/image/webp-exif.ts';
import { chunk, tiff, webpBytes } from '../../support/webp.ts';

/** A WebP file without picture data. */
const webp = (chunks: Buffer[]) => new Blob([webpBytes(chunks)]);

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
