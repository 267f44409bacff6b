import { isInstance } from '../core/brand.ts';
import type { ImageSource } from '../core/types.ts';
import { decode } from './decode.ts';
import { detachedError } from './errors.ts';

/** An image that a structured clone can carry to a worker. */
export type PortableImage = ImageBitmap | ImageData | Blob;

/**
 * An image for a worker. If `owned` is true, it is a bitmap created for this call: the caller must transfer or close
 * it.
 */
export type Portable = { image: ImageBitmap; owned: true } | { image: PortableImage; owned: false };

/**
 * Converts a source to an image that can be sent to a worker. Files stay encoded: the worker decodes them.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `video-not-ready` or `bitmap-detached`;
 *   `signal.reason` when aborted.
 */
export async function portable(source: ImageSource, signal?: AbortSignal): Promise<Portable> {
  signal?.throwIfAborted();
  if (isInstance(source, 'ImageData')) {
    if (source.data.length === 0) throw detachedError('ImageData');
    return { image: source, owned: false };
  }
  if (isInstance(source, 'Blob')) return { image: source, owned: false };
  return decode(source, signal);
}
