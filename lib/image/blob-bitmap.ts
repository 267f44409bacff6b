import { FaceNetError } from '../core/errors.ts';
import { lazyImport } from '../core/lazy-import.ts';
import { undecodableError } from './errors.ts';
import { announcesExif, webpHeaderSize } from './webp-chunks.ts';

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

/** Whether a file is a WebP file that announces an EXIF chunk: then {@link blobBitmap} may turn it. */
export async function isWebpWithExif(file: Blob): Promise<boolean> {
  return announcesExif(new Uint8Array(await file.slice(0, webpHeaderSize).arrayBuffer()));
}
