import { DemoError } from './demo-error.ts';

/**
 * Encodes a canvas as JPEG, quality 0.85.
 *
 * @throws {DemoError} `jpegFailed` if the browser returns no image.
 */
export async function encodeJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  if (!blob) throw new DemoError('jpegFailed');
  return blob;
}
