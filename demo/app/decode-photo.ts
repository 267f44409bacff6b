import { blobBitmap, isWebpWithExif } from '../../lib/image/blob-bitmap.ts';

/**
 * Decodes a photo as the library does, turned as its EXIF orientation states.
 *
 * @throws {FaceNetError} `image-unreadable` if the browser cannot decode the file, and `image-empty` if it has no contents.
 */
export const decodePhoto: (file: Blob) => Promise<ImageBitmap> = blobBitmap;

/**
 * An address at which an image element shows a photo as {@link decodePhoto} decodes it: of the file, unless image elements may not turn
 * it. Revoke it after use.
 *
 * @param bitmap the decoded photo.
 */
export async function photoAddress(file: Blob, bitmap: ImageBitmap): Promise<string> {
  if (!(await isWebpWithExif(file))) return URL.createObjectURL(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  // Without EXIF data. Browsers that cannot encode WebP encode PNG.
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 }));
}
