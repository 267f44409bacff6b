import { isInstance } from '../core/brand.ts';
import { FaceNetError } from '../core/errors.ts';
import type { ImageSource } from '../core/types.ts';
import { closedOnAbort } from './closed-on-abort.ts';
import { detachedError, undecodableError } from './errors.ts';
import { imageElementBitmap } from './image-element.ts';
import { videoBitmap } from './video-bitmap.ts';

/**
 * A decoded source. If `owned` is true, the bitmap was created for this call: the caller must close or transfer it.
 */
export interface Decoded {
  image: ImageBitmap;
  owned: boolean;
}

/** A source that is neither an encoded file nor pixels in memory. */
export type DrawableSource = Exclude<ImageSource, ImageData | Blob>;

/**
 * Decodes a source into an ImageBitmap. An ImageBitmap is returned unchanged, and is not owned.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `video-not-ready` or `bitmap-detached`;
 *   `signal.reason` when aborted.
 */
export async function decode(source: DrawableSource, signal?: AbortSignal): Promise<Decoded> {
  if (isInstance(source, 'ImageBitmap')) {
    if (source.width === 0) throw detachedError('ImageBitmap');
    return { image: source, owned: false };
  }
  return { image: await closedOnAbort(createBitmap(source, signal), signal), owned: true };
}

/** Decodes what the browser can draw. Checks it first, because createImageBitmap() does not report the reason. */
async function createBitmap(source: Exclude<DrawableSource, ImageBitmap>, signal?: AbortSignal): Promise<ImageBitmap> {
  if (isInstance(source, 'HTMLImageElement')) return imageElementBitmap(source, signal);
  if (isInstance(source, 'HTMLVideoElement')) return videoBitmap(source, signal);
  if (isInstance(source, 'VideoFrame')) {
    if (source.displayWidth === 0) throw detachedError('VideoFrame');
  } else if (isInstance(source, 'HTMLCanvasElement') || isInstance(source, 'OffscreenCanvas')) {
    if (source.width === 0 || source.height === 0) {
      throw new FaceNetError('image-empty', 'The canvas has no pixels: give it a width and a height.');
    }
  } else {
    throw new FaceNetError(
      'image-type',
      'Not an image: pass an image, video or canvas element, an OffscreenCanvas, ImageBitmap, ImageData, VideoFrame or Blob.',
    );
  }
  return createImageBitmap(source).catch((cause) => {
    throw undecodableError(cause);
  });
}
