import { FaceNetError } from 'facenet-web';

/**
 * Decodes a photo.
 *
 * @throws {FaceNetError} `image-unreadable` if the browser cannot decode the file, as the library does.
 */
export function decodePhoto(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file).catch((cause) => {
    throw new FaceNetError('image-unreadable', 'The file could not be decoded as an image.', { cause });
  });
}
