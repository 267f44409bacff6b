import { FaceNetError } from '../core/errors.ts';
import { undecodableError } from './errors.ts';
import { appliesWebpOrientation, oriented } from './orientation.ts';
import { webpOrientation } from './webp-exif.ts';

/**
 * Decodes an encoded file, turned as its EXIF orientation states. Every browser turns JPEG and PNG files; Chromium does
 * not turn WebP files, so that they are turned here.
 *
 * @throws {FaceNetError} `image-empty` or `image-unreadable`.
 */
export async function blobBitmap(file: Blob): Promise<ImageBitmap> {
  if (file.size === 0) throw new FaceNetError('image-empty', 'The file is empty: pass a file with a picture.');
  try {
    const orientation = await webpOrientation(file);
    const bitmap = await createImageBitmap(file);
    return orientation === 1 || (await appliesWebpOrientation()) ? bitmap : await oriented(bitmap, orientation);
  } catch (cause) {
    throw file.type === 'image/svg+xml' ? svgFileError(cause) : undecodableError(cause);
  }
}

function svgFileError(cause: unknown): FaceNetError {
  return new FaceNetError(
    'image-unreadable',
    'The browser decodes SVG files in image elements only: load the file into one and pass the element.',
    { cause },
  );
}
