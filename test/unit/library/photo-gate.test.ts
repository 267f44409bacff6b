import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { pixelCount } from '../../../lib/library/photos/pixel-count.ts';
import { chunk, webpBytes } from '../../support/webp.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(() => {
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library that counts the photos that its FaceNet has at once. */
async function open() {
  const facenet = new CountingFaceNet();
  const { embed } = facenet;
  const atOnce = { now: 0, most: 0 };
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    atOnce.most = Math.max(atOnce.most, ++atOnce.now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return embed(...parameters).finally(() => atOnce.now--);
  }) as typeof embed;
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
  return { library, facenet, atOnce };
}

describe('photos that are indexed at once', () => {
  test.each([
    ['two small ones', 0, { hardwareConcurrency: 8 }, 2],
    ['one small one on one processor core', 0, { hardwareConcurrency: 1 }, 1],
    ['large ones one by one', 4e6, { hardwareConcurrency: 8 }, 1],
    ['two large ones with much memory', 4e6, { hardwareConcurrency: 8, deviceMemory: 8 }, 2],
  ])('are %s', async (_, bytes, navigator, expected) => {
    vi.stubGlobal('navigator', navigator);
    const { library, atOnce } = await open();
    const note = ' '.repeat(bytes);
    await library.add(Array.from({ length: 6 }, (_, i) => photo(`${i}`, [0], { note })));
    expect(await library.counts()).toMatchObject({ photos: 6 });
    expect(atOnce.most).toBe(expected);
    await library.close();
  });

  test('are not the same one twice', async () => {
    const { library, facenet } = await open();
    const copies = Array.from({ length: 6 }, (_, i) => ({ path: `copy ${i}`, file: photo('a', [0]) }));
    let last = {};
    const counts: number[] = [];
    await library.add(copies, {
      onProgress: (progress) => {
        last = progress;
        counts.push(progress.photos);
      },
    });
    expect(facenet.searched).toBe(1);
    expect(Math.max(...counts)).toBe(1);
    expect(last).toMatchObject({ photos: 1, faces: 1, done: 6 });
    await library.close();
  });
});

describe('the number of pixels', () => {
  const jpeg = (...segments: number[][]) => new Uint8Array([0xff, 0xd8, ...segments.flat()]).buffer;
  const exif = [0xff, 0xe1, 0, 4, 0, 0];
  const codes = [0xff, 0xc4, 0, 4, 1, 1];
  /** 4000 × 3000 pixels. */
  const frame = (marker: number) => [0xff, marker, 0, 11, 8, 0x0b, 0xb8, 0x0f, 0xa0, 1, 1, 0x11, 0];

  test.each([0xc0, 0xc1, 0xc2])('is that of the frame header of a JPEG file (%i)', (marker) => {
    expect(pixelCount(jpeg(exif, codes, frame(marker)))).toBe(12e6);
  });

  test('is that of the header of a PNG file', () => {
    const png = new DataView(new ArrayBuffer(40));
    png.setUint32(0, 0x89504e47);
    png.setUint32(16, 200);
    png.setUint32(20, 100);
    expect(pixelCount(png.buffer)).toBe(20_000);
  });

  test('is that of the header of a WebP file', () => {
    expect(pixelCount(new Uint8Array(webpBytes([], [4000, 3000])).buffer)).toBe(12e6);
    const lossless = Buffer.concat([Buffer.of(0x2f), Buffer.alloc(20)]);
    lossless.writeUInt32LE(3999 | (2999 << 14) | (1 << 28), 1);
    const lossy = Buffer.concat([Buffer.of(0, 0, 0, 0x9d, 0x01, 0x2a), Buffer.alloc(20)]);
    lossy.writeUInt16LE(4000 | 0x4000, 6);
    lossy.writeUInt16LE(3000, 8);
    for (const [name, content] of [
      ['VP8L', lossless],
      ['VP8 ', lossy],
    ] as const) {
      const file = chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), chunk(name, content)]));
      expect(pixelCount(new Uint8Array(file).buffer), name).toBe(12e6);
    }
  });

  test.each([
    ['another format', new ArrayBuffer(1000)],
    ['a file that ends early', jpeg(exif, codes)],
    ['an empty file', new ArrayBuffer(0)],
  ])('is estimated for %s', (_, bytes) => {
    expect(pixelCount(bytes)).toBe(8 * bytes.byteLength);
  });
});
