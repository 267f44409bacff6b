import { FaceNetError } from '../core/errors.ts';
import type { ImageSource } from '../core/types.ts';
import { detachedError } from './errors.ts';
import { isInstance } from './source-types.ts';

/**
 * A decoded source. If `owned` is true, the bitmap was created for this call: the caller must close or transfer it.
 */
export interface Decoded {
  image: ImageBitmap;
  owned: boolean;
}

/**
 * Decodes a source into an ImageBitmap. An ImageBitmap is returned unchanged, and is not owned.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `video-not-ready` or `bitmap-detached`.
 */
export async function decode(source: Exclude<ImageSource, ImageData>): Promise<Decoded> {
  if (isInstance(source, 'ImageBitmap')) {
    if (source.width === 0) throw detachedError('ImageBitmap');
    return { image: source, owned: false };
  }
  await requireDrawable(source);
  try {
    return { image: await createImageBitmap(source), owned: true };
  } catch (cause) {
    throw new FaceNetError(
      'image-unreadable',
      'The image could not be decoded: pass a picture in a format that this browser supports.',
      { cause },
    );
  }
}

/** Throws a specific error for a source that cannot be drawn. createImageBitmap() would not give the reason. */
async function requireDrawable(source: Exclude<ImageSource, ImageData | ImageBitmap>): Promise<void> {
  if (isInstance(source, 'Blob')) {
    if (source.size === 0) throw new FaceNetError('image-empty', 'The file is empty: pass a file with a picture.');
  } else if (isInstance(source, 'HTMLImageElement')) {
    await requireLoaded(source);
  } else if (isInstance(source, 'HTMLVideoElement')) {
    if (source.readyState < source.HAVE_CURRENT_DATA || source.videoWidth === 0) {
      throw new FaceNetError(
        'video-not-ready',
        'The video has no frame yet: wait for its "loadeddata" event, then call again.',
      );
    }
  } else if (isInstance(source, 'VideoFrame')) {
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
}

async function requireLoaded(image: HTMLImageElement): Promise<void> {
  try {
    await image.decode();
  } catch (cause) {
    throw new FaceNetError('image-unreadable', 'The image element did not load: check its URL and its format.', {
      cause,
    });
  }
  if (image.naturalWidth === 0 || image.naturalHeight === 0) {
    throw new FaceNetError('image-empty', 'The image has no intrinsic size: give it a width and a height.');
  }
}
