import { abortable } from '../core/cancellation.ts';
import type { ImageSource } from '../core/types.ts';
import { bitmapPicture } from './bitmap-picture.ts';
import { decode } from './decode.ts';
import { pixelPicture } from './pixel-picture.ts';
import type { Picture } from './pixel-source.ts';
import { isInstance } from './source-types.ts';

/**
 * Opens any drawable source as a still picture: the current frame of a video, the current content of a canvas. Later
 * changes of the source do not affect it. The caller must close the picture.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `video-not-ready` or `bitmap-detached`.
 *   Reading the picture may throw `image-tainted`.
 */
export async function openPicture(source: ImageSource, signal?: AbortSignal): Promise<Picture> {
  signal?.throwIfAborted();
  if (isInstance(source, 'ImageData')) return pixelPicture(source);
  const opening = decode(source).then(bitmapPicture);
  try {
    return await abortable(opening, signal);
  } catch (error) {
    // Decoding cannot be cancelled: close its result when it arrives.
    opening.then(
      (picture) => picture.close(),
      () => {},
    );
    throw error;
  }
}
