import { createReadableCanvas, releaseMemory } from './canvas.ts';
import { type Orientation, webpOrientation } from './webp-exif.ts';

/**
 * Turns the decoded picture of a WebP file as its EXIF orientation states, unless the browser has turned it.
 *
 * @param stored the decoded picture. It is closed if another one is returned.
 */
export async function orientedWebp(stored: ImageBitmap, file: Blob): Promise<ImageBitmap> {
  const orientation = await webpOrientation(file);
  return orientation === 1 || (await appliesOrientation()) ? stored : oriented(stored, orientation);
}

/** From a stored position to a shown one, as the arguments of `setTransform`, for a stored size. */
const transforms: Record<
  Orientation,
  (width: number, height: number) => [number, number, number, number, number, number]
> = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (width) => [-1, 0, 0, 1, width, 0],
  3: (width, height) => [-1, 0, 0, -1, width, height],
  4: (_, height) => [1, 0, 0, -1, 0, height],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (_, height) => [0, 1, -1, 0, height, 0],
  7: (width, height) => [0, -1, -1, 0, height, width],
  8: (width) => [0, -1, 1, 0, 0, width],
};

async function oriented(bitmap: ImageBitmap, orientation: Orientation): Promise<ImageBitmap> {
  const { width, height } = bitmap;
  const turnsSideways = orientation >= 5;
  const context = createReadableCanvas(turnsSideways ? height : width, turnsSideways ? width : height);
  context.setTransform(...transforms[orientation](width, height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  try {
    return await createImageBitmap(context.canvas);
  } finally {
    releaseMemory(context);
  }
}

/** A WebP file of 2 × 1 black pixels with orientation 6, which a browser that applies it decodes to 1 × 2 pixels. */
const sidewaysWebp =
  'UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=';

let webpProbe: Promise<boolean> | undefined;

/** Whether this browser turns WebP files as their EXIF orientation states. */
function appliesOrientation(): Promise<boolean> {
  webpProbe ??= probeWebp();
  return webpProbe;
}

async function probeWebp(): Promise<boolean> {
  const bytes = Uint8Array.from(atob(sidewaysWebp), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const isUpright = bitmap.height === 2;
  bitmap.close();
  return isUpright;
}
