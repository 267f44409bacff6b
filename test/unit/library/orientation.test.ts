import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { analysePhoto } from '../../../lib/library/photos/analyse.ts';
import { readHeader } from '../../../lib/library/photos/exif.ts';
import { chunk, sidewaysWebp, stubChromiumImages, tiff, webpBytes } from '../../support/webp.ts';
import { CountingFaceNet } from './fake-photos.ts';

beforeEach(stubChromiumImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

const exif = Buffer.from('Exif\0\0');

/** A PNG file of a signature and chunks. */
const png = (...chunks: [name: string, content: Buffer][]) =>
  Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...chunks.map(([name, content]) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(content.length);
      return Buffer.concat([length, Buffer.from(name), content, Buffer.alloc(4)]);
    }),
  ]);

/** A JPEG file of one EXIF segment. */
const jpeg = (content: Buffer) =>
  Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe1, 0, content.length + 8), exif, content]);

const header: [string, Buffer] = ['IHDR', Buffer.alloc(13)];
const pixels: [string, Buffer] = ['IDAT', Buffer.alloc(5)];

describe('the EXIF data of', () => {
  test.each<[string, (content: Buffer) => Buffer]>([
    ['a JPEG file', jpeg],
    ['a PNG file', (content) => png(header, ['eXIf', content], pixels)],
    ['a WebP file', (content) => webpBytes([chunk('ICCP', Buffer.alloc(3)), chunk('EXIF', content)])],
    ['a WebP file with the prefix of JPEG', (content) => webpBytes([chunk('EXIF', Buffer.concat([exif, content]))])],
  ])('%s state the orientation, in both byte orders', (_, fileWith) => {
    for (const littleEndian of [false, true]) {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const file = new Uint8Array(fileWith(tiff(orientation, littleEndian)));
        expect(readHeader(file.buffer)).toEqual({ orientation });
      }
    }
  });

  test.each([
    ['a PNG file after its pixels, which browsers do not read', png(header, pixels, ['eXIf', tiff(6)])],
    ['a PNG file that ends early', png(header, ['eXIf', tiff(6).subarray(0, 9)])],
    ['a WebP file without EXIF chunk', webpBytes([chunk('ICCP', Buffer.alloc(3))])],
    ['another file', Buffer.from('GIF89a')],
    ['an empty file', Buffer.alloc(0)],
  ])('%s are none', (_, file) => {
    expect(readHeader(new Uint8Array(file).buffer)).toEqual({ orientation: 1 });
  });
});

describe('a damaged time', () => {
  const sixHours = Date.parse('2024-05-06T07:08:09+06:00');
  /** The EXIF data of a camera: orientation 6, and a directory of details with a time and its zone. */
  const camera = () => {
    const bytes = Buffer.alloc(108);
    bytes.write('MM');
    const entry = (at: number, tag: number, type: number, count: number) => {
      bytes.writeUInt16BE(tag, at);
      bytes.writeUInt16BE(type, at + 2);
      bytes.writeUInt32BE(count, at + 4);
    };
    bytes.writeUInt16BE(42, 2);
    bytes.writeUInt32BE(8, 4);
    bytes.writeUInt16BE(2, 8);
    entry(10, 0x0112, 3, 1);
    bytes.writeUInt16BE(6, 18);
    entry(22, 0x8769, 4, 1);
    bytes.writeUInt32BE(38, 30);
    bytes.writeUInt16BE(2, 38);
    entry(40, 0x9003, 2, 20);
    bytes.writeUInt32BE(68, 48);
    entry(52, 0x9011, 2, 7);
    bytes.writeUInt32BE(90, 60);
    bytes.write('2024:05:06 07:08:09', 68);
    bytes.write('+06:00', 90);
    return bytes;
  };
  /** Reads the data after bytes of it were replaced. */
  const read = (damage: (bytes: Buffer) => Buffer | number) => {
    const bytes = camera();
    const changed = damage(bytes);
    return readHeader(new Uint8Array(jpeg(typeof changed === 'number' ? bytes : changed)).buffer);
  };

  test('is read if it is not damaged', () => {
    expect(read((bytes) => bytes)).toEqual({ orientation: 6, taken: sixHours });
  });

  test.each<[string, (bytes: Buffer) => Buffer | number]>([
    ['an offset of the directory beyond the end', (bytes) => bytes.writeUInt32BE(5000, 30)],
    ['an offset of the date beyond the end', (bytes) => bytes.writeUInt32BE(5000, 48)],
    ['a file that ends in the directory of details', (bytes) => bytes.subarray(0, 45)],
    ['a file that ends before it', (bytes) => bytes.subarray(0, 30)],
    ['a file that ends in the first directory', (bytes) => bytes.subarray(0, 24)],
    ['a count of entries that is too large', (bytes) => bytes.writeUInt16BE(6000, 8)],
  ])('leaves the orientation as it is: %s', (_, damage) => {
    expect(read(damage).orientation).toBe(6);
  });

  test('of the zone leaves the time in the zone of the browser', () => {
    const taken = Date.parse('2024-05-06T07:08:09');
    expect(read((bytes) => bytes.writeUInt32BE(5000, 60))).toEqual({ orientation: 6, taken });
  });
});

test('a WebP file that the browser does not turn is turned, with its size, crops and preview', async () => {
  const facenet = new CountingFaceNet();
  const sizes: unknown[] = [];
  const box = { x: 10, y: 20, width: 80, height: 80 };
  facenet.embed = (async ({ width, height }: { width: number; height: number }) => {
    sizes.push([width, height]);
    return [{ box, score: 0.9, roll: 0 }];
  }) as unknown as LibraryFaceNet['embed'];
  const bytes = await sidewaysWebp().arrayBuffer();
  const analysed = await analysePhoto(facenet, bytes, 'image/webp', { detect: {}, preview: 200, signal: undefined });
  expect(sizes).toEqual([[300, 400]]);
  expect(analysed).toMatchObject({ width: 300, height: 400, orientation: 6 });
  const preview = analysed.preview as { data: ArrayBuffer };
  expect(Buffer.from(preview.data).toString()).toBe('150 × 200');
});
