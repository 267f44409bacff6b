import { vi } from 'vitest';

/** The chunk of a RIFF file, padded to an even size. */
export function chunk(name: string, content: Buffer): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(8);
  header.write(name);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}

/** A WebP file of the extended format without picture data, which announces an EXIF chunk. */
export function webpBytes(
  chunks: readonly Buffer[],
  [width, height]: readonly [number, number] = [1, 1],
): Buffer<ArrayBuffer> {
  const extended = Buffer.alloc(10);
  extended.writeUInt8(0x08, 0);
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', extended), ...chunks]));
}

/** A TIFF structure whose second entry is the orientation. */
export function tiff(orientation: number, littleEndian = false): Buffer<ArrayBuffer> {
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

/** A WebP file of 400 × 300 stored pixels, which is shown as 300 × 400. */
export const sidewaysWebp = (): Blob =>
  new Blob([webpBytes([chunk('EXIF', tiff(6))], [400, 300])], { type: 'image/webp' });

/** A bitmap, or a canvas, without pixels. */
interface Sized {
  width: number;
  height: number;
}

class Canvas implements Sized {
  width: number;
  height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext() {
    return { canvas: this, setTransform() {}, translate() {}, rotate() {}, scale() {}, drawImage() {} };
  }
  async convertToBlob({ type }: { type: string }) {
    return new Blob([`${this.width} × ${this.height}`], { type });
  }
}

/** Replaces the image functions of the browser by those of Chromium, which shows WebP files as they are stored. */
export function stubChromiumImages(): void {
  const sizeOf = async (source: Blob | Sized): Promise<Sized> => {
    if (!(source instanceof Blob)) return source;
    const bytes = Buffer.from(await source.arrayBuffer());
    if (bytes.length < 30) throw new DOMException('not a picture', 'InvalidStateError');
    return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  };
  vi.stubGlobal('createImageBitmap', async (source: Blob | Sized, ...given: unknown[]) => {
    const { resizeWidth, resizeHeight } = (given.at(-1) ?? {}) as { resizeWidth?: number; resizeHeight?: number };
    const { width, height } = await sizeOf(source);
    return { width: resizeWidth ?? width, height: resizeHeight ?? height, close() {} };
  });
  vi.stubGlobal('OffscreenCanvas', Canvas);
}
