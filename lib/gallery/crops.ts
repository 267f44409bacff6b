import { FaceNetError } from '../core/errors.ts';

/**
 * A crop as a file: what is a file stays as it is, pixels become a PNG, which loses none of them.
 *
 * @throws {FaceNetError} `image-type` for what is neither.
 */
export async function asBlob(crop: ImageData | Blob): Promise<Blob> {
  if (crop instanceof Blob) return crop;
  if (typeof ImageData === 'undefined' || !(crop instanceof ImageData)) {
    throw new FaceNetError('image-type', 'Not a crop: pass the ImageData of align(), or a Blob.');
  }
  const canvas = new OffscreenCanvas(crop.width, crop.height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.putImageData(crop, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
