import { FaceNetError } from '../core/errors.ts';
import { lazyImport } from '../core/lazy-import.ts';
import { undecodableError } from './errors.ts';

/**
 * Decodes an encoded file, turned as its EXIF orientation states. Browsers turn JPEG and PNG files; Chromium does not
 * turn WebP files, so that they are turned here.
 *
 * @throws {FaceNetError} `image-empty` or `image-unreadable`.
 */
export async function blobBitmap(file: Blob): Promise<ImageBitmap> {
  if (file.size === 0) throw new FaceNetError('image-empty', 'The file is empty: pass a file with a picture.');
  const bitmap = await createImageBitmap(file).catch((cause) => {
    throw undecodableError(cause);
  });
  if (!(await isWebpWithExif(file))) return bitmap;
  // Few files have one: the code is a chunk of its own.
  const { orientedWebp } = await lazyImport(() => import('./oriented-webp.ts'));
  return orientedWebp(bitmap, file);
}

/**
 * Whether a file is a WebP file that announces an EXIF chunk.
 *
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
async function isWebpWithExif(file: Blob): Promise<boolean> {
  const header = new Uint8Array(await file.slice(0, 21).arrayBuffer());
  const text = String.fromCharCode(...header);
  return /^RIFF.{4}WEBPVP8X/s.test(text) && ((header[20] as number) & 0x08) !== 0;
}
