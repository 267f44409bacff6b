import type { Box } from '../core/types.ts';
import { type CanvasContext, createReadableCanvas, releaseMemory } from './canvas.ts';
import type { Decoded } from './decode.ts';
import { detachedError, taintedError } from './errors.ts';
import { maxWholePixels, type Picture, type Raster } from './pixel-source.ts';

/**
 * A picture that reads a bitmap. It closes the bitmap only if it is `owned`.
 *
 * @throws {FaceNetError} at a read: `image-tainted`, `bitmap-detached`, or `image-unreadable` without a 2D canvas.
 */
export function bitmapPicture({ image, owned }: Decoded): Picture {
  const { width, height } = image;
  /** The pixels of the whole picture. Detection reads a small picture many times: it is drawn once. */
  let whole: Raster | undefined;
  const read = (region: Box): Raster => {
    if (!whole && width * height <= maxWholePixels && region.width * region.height * 2 > width * height) {
      whole = draw(image, { x: 0, y: 0, width, height });
    }
    return whole ?? draw(image, region);
  };
  const close = () => {
    whole = undefined;
    if (owned) image.close();
    if (canvas) releaseMemory(canvas);
  };
  return { width, height, read, close };
}

/** The canvas that all pictures of this thread are drawn on: creating one takes as long as reading a small picture. */
let canvas: CanvasContext | undefined;

/** Reads a region of a bitmap through the canvas. */
function draw(bitmap: ImageBitmap, region: Box): Raster {
  canvas ??= createReadableCanvas(1, 1);
  if (canvas.canvas.width < region.width) canvas.canvas.width = region.width;
  if (canvas.canvas.height < region.height) canvas.canvas.height = region.height;
  const { x, y, width, height } = region;
  try {
    // "copy" replaces the canvas's content, so that no earlier region shows through a transparent picture.
    canvas.globalCompositeOperation = 'copy';
    canvas.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
    return { ...region, data: canvas.getImageData(0, 0, width, height).data };
  } catch (cause) {
    // A picture of another origin taints the canvas for good.
    releaseMemory(canvas);
    canvas = undefined;
    if (bitmap.width === 0) throw detachedError('ImageBitmap');
    throw taintedError(cause);
  }
}
