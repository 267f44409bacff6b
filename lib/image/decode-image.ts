import { isInstance } from '../core/brand.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { lazyImport } from '../core/lazy-import.ts';
import type { Abortable } from '../core/types.ts';
import { closedOnAbort } from './closed-on-abort.ts';
import { undecodableError } from './errors.ts';
import { isWebpWithExif } from './webp-chunks.ts';

/**
 * Decodes an image file as `detect()` and the other methods do: turned as its EXIF orientation states, so that their boxes and
 * landmarks fit the picture. Browsers turn JPEG and PNG files. Chromium does not turn WebP files, neither in `createImageBitmap()`
 * nor in an image element: they are turned here.
 *
 * @param file an encoded image.
 * @param options a signal that cancels the call.
 * @returns the picture. Close it after use.
 * @throws {FaceNetError} `image-type`, `image-empty`, `image-unreadable` or `option-invalid`; `signal.reason` when aborted.
 *
 * @example
 * const photo = await decodeImage(file);
 * const { width, height } = photo;
 * const faces = await facenet.detect(photo);   // boxes in pixels of this picture
 */
export async function decodeImage(file: Blob, options: Abortable = {}): Promise<ImageBitmap> {
  const { signal } = checkedOptions(options);
  if (!isInstance(file, 'Blob')) {
    throw new FaceNetError('image-type', 'This is no file: pass a Blob or a File with an encoded image.');
  }
  return closedOnAbort(decodeFile(file), signal);
}

async function decodeFile(file: Blob): Promise<ImageBitmap> {
  if (file.size === 0) throw new FaceNetError('image-empty', 'The file is empty: pass a file with a picture.');
  const bitmap = await createImageBitmap(file).catch((cause) => {
    throw undecodableError(cause);
  });
  if (!(await isWebpWithExif(file))) return bitmap;
  // Few files have one: the code is a chunk of its own.
  const { orientedWebp } = await lazyImport(() => import('./oriented-webp.ts'));
  return orientedWebp(bitmap, file);
}
