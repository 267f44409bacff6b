import { isInstance } from '../core/brand.ts';
import { FaceNetError } from '../core/errors.ts';
import type { GalleryState } from './state.ts';

/**
 * A crop as a file. A Blob is returned unchanged; pixels are encoded as PNG, which is lossless.
 *
 * @throws {FaceNetError} `image-type` for any other value.
 */
export async function cropToBlob(crop: ImageData | Blob): Promise<Blob> {
  if (isInstance(crop, 'Blob')) return crop;
  if (!isInstance(crop, 'ImageData')) {
    throw new FaceNetError('image-type', 'The crop is not an image: pass the ImageData of align(), or a Blob.');
  }
  const canvas = new OffscreenCanvas(crop.width, crop.height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.putImageData(crop, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Reads all stored crops, each with its template's id. */
export async function storedCrops(
  { contents, readCrop }: GalleryState,
  signal: AbortSignal | undefined,
): Promise<{ id: string; crop: Blob }[]> {
  const crops: { id: string; crop: Blob }[] = [];
  for (const id of contents.crops) {
    signal?.throwIfAborted();
    crops.push({ id, crop: await readCrop(id) });
  }
  return crops;
}
