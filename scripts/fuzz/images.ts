import { readdirSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../kit/paths.ts';
import { crc32, int, mutateBytes, pick, type Random } from './mutate.ts';

const folder = repositoryPath('test/fuzz/seeds/');

/** Small image files: CMYK, progressive, 16 bits, alpha, one pixel, palettes, animations, WebP, AVIF, BMP, ICO. */
export const seeds = readdirSync(folder).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(`${folder}${name}`)),
}));

/** An image file that is unchanged, structurally changed with valid checksums, or corrupted. */
export function hostileImage(random: Random): { name: string; bytes: Uint8Array } {
  const { name, bytes } = pick(random, seeds);
  const action = int(random, 5);
  if (action === 0) return { name, bytes };
  if (action === 1 && name.endsWith('.png')) return { name, bytes: changePngHeader(random, bytes) };
  if (action === 2 && name.endsWith('.jpg')) return { name, bytes: insertExif(random, bytes) };
  if (action === 3 && name.endsWith('.jpg')) return { name, bytes: changeJpegFrame(random, bytes) };
  return { name, bytes: mutateBytes(random, bytes, pick(random, seeds).bytes) };
}

const sizes = [0, 1, 2, 255, 4096, 16_384, 32_767, 65_535, 0x7fffffff, 0xffffffff];

/** Changes the size, depth or colour type in the header, with a valid checksum. */
function changePngHeader(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  if (random() < 0.7) view.setUint32(16, pick(random, sizes));
  if (random() < 0.7) view.setUint32(20, pick(random, sizes));
  if (random() < 0.4) changed[24] = pick(random, [1, 2, 4, 8, 16, 32, 0]);
  if (random() < 0.4) changed[25] = pick(random, [0, 2, 3, 4, 6, 7]);
  return withChecksum(changed);
}

/** A PNG that declares a wrong size. */
export function declareSize(bytes: Uint8Array, width: number, height: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return withChecksum(changed);
}

/** Corrects the checksum of a PNG's header, in place. */
function withChecksum(png: Uint8Array): Uint8Array {
  new DataView(png.buffer).setUint32(29, crc32(png.subarray(12, 29)));
  return png;
}

/** Changes the size or the number of components in the frame header. */
function changeJpegFrame(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  for (let i = 2; i + 10 < changed.length; i++) {
    const isFrame = changed[i] === 0xff && ((changed[i + 1] as number) & 0xfc) === 0xc0;
    if (!isFrame) continue;
    const view = new DataView(changed.buffer);
    view.setUint16(i + 5, pick(random, [0, 1, 8, 48, 4096, 65_535]));
    view.setUint16(i + 7, pick(random, [0, 1, 8, 64, 4096, 65_535]));
    if (random() < 0.3) changed[i + 9] = int(random, 6);
    break;
  }
  return changed;
}

/** Inserts an Exif segment with random offsets and a possibly invalid orientation. */
export function insertExif(random: Random, bytes: Uint8Array): Uint8Array {
  const entries = int(random, 6) + 1;
  const tiff = new DataView(new ArrayBuffer(14 + entries * 12));
  const little = random() < 0.5;
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, little);
  tiff.setUint32(4, random() < 0.8 ? 8 : int(random, 2 ** 32), little);
  tiff.setUint16(8, random() < 0.8 ? entries : 65_535, little);
  for (let i = 0; i < entries; i++) {
    const at = 10 + i * 12;
    tiff.setUint16(at, pick(random, [0x112, 0x112, 0x8769, 0x201, int(random, 65_536)]), little);
    tiff.setUint16(at + 2, int(random, 14), little);
    tiff.setUint32(at + 4, pick(random, [0, 1, 1, 65_535, 0xffffffff]), little);
    tiff.setUint32(at + 8, pick(random, [0, 3, 6, 8, 9, 255, 8, int(random, 2 ** 32)]), little);
  }
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), new Uint8Array(tiff.buffer)]);
  const length = random() < 0.9 ? exif.length + 2 : int(random, 65_536);
  const marker = Uint8Array.of(0xff, 0xe1, length >> 8, length & 255);
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, 2), marker, exif, bytes.subarray(2)]));
}
