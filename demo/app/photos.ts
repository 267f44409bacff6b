import { FaceNetError } from 'facenet-web';

/**
 * Decodes a photo from a file.
 *
 * @throws {FaceNetError} `image-unreadable` when it is none that this browser knows, as the library does.
 */
export function decodePhoto(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file).catch((cause) => {
    throw new FaceNetError('image-unreadable', 'This file could not be opened as a picture.', { cause });
  });
}
