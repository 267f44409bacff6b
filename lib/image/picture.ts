import { isInstance } from '../core/brand.ts';
import type { ImageSource } from '../core/types.ts';
import { bitmapPicture } from './bitmap-picture.ts';
import { decode } from './decode.ts';
import { decodeImage } from './decode-image.ts';
import { openImageData } from './image-data.ts';
import type { Picture } from './pixel-source.ts';

/**
 * Opens any drawable source as a still picture: the current frame of a video, the current content of a canvas. Later
 * changes of the source do not affect it. The caller must close the picture.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `video-not-ready` or `bitmap-detached`.
 *   Reading the picture may throw `image-tainted`.
 */
export async function openPicture(source: ImageSource, signal?: AbortSignal): Promise<Picture> {
  signal?.throwIfAborted();
  if (isInstance(source, 'ImageData')) return openImageData(source, signal);
  if (isInstance(source, 'Blob')) return bitmapPicture({ image: await decodeImage(source, { signal }), owned: true });
  return bitmapPicture(await decode(source, signal));
}
