import { isTypedArray } from '../core/typed-arrays.ts';
import type { Pixels } from '../core/types.ts';
import { bitmapPicture } from './bitmap-picture.ts';
import { closedOnAbort } from './closed-on-abort.ts';
import { detachedError } from './errors.ts';
import { pixelPicture } from './pixel-picture.ts';
import type { Picture } from './pixel-source.ts';

/** An ImageData with the properties that not every browser has. `pixelFormat` gives `data` another type. */
interface AnyImageData extends Omit<ImageData, 'data' | 'colorSpace'> {
  /** 8-bit values, or floating-point values from 0 to 1 and, for colours outside the colour space, beyond. */
  data: ArrayLike<number>;
  colorSpace?: string;
}

/**
 * Opens an ImageData as a picture of 8-bit sRGB pixels, whatever its pixel format and its colour space.
 *
 * @throws {FaceNetError} `bitmap-detached` when its buffer was transferred; `signal.reason` when aborted.
 */
export async function openImageData(source: ImageData, signal: AbortSignal | undefined): Promise<Picture> {
  const { width, height, data, colorSpace = 'srgb' }: AnyImageData = source;
  if (data.length === 0) throw detachedError('ImageData');
  const pixels: Pixels = { width, height, data: isTypedArray(data, 'Uint8ClampedArray') ? data : to8Bit(data) };
  if (colorSpace === 'srgb') return pixelPicture(pixels);
  // The browser converts the colours where the bitmap is drawn.
  const stored = new ImageData(pixels.data as Uint8ClampedArray<ArrayBuffer>, width, height, {
    colorSpace: colorSpace as PredefinedColorSpace,
  });
  return bitmapPicture({ image: await closedOnAbort(createImageBitmap(stored), signal), owned: true });
}

/** Rounds floating-point values from 0 to 1 to 8 bits. Values beyond are clamped, as a canvas does. */
function to8Bit(values: ArrayLike<number>): Uint8ClampedArray {
  return Uint8ClampedArray.from(values, (value) => value * 255);
}
