import { type Affine, square } from '../image/affine.ts';

/** The whole picture, upright. */
export function uprightView({ width, height }: Size, inputSize: number): Affine {
  return square({ x: width / 2, y: height / 2 }, Math.max(width, height), 0, inputSize);
}

/**
 * The whole picture, turned by 45° and 90° to either side. Detectors know faces that are nearly upright; in one of these
 * views, or in the upright one, a head that is rolled by up to 90° is.
 */
export function turnedViews({ width, height }: Size, inputSize: number): Affine[] {
  return [45, -45, 90, -90].map((degrees) =>
    square({ x: width / 2, y: height / 2 }, Math.max(width, height), (degrees * Math.PI) / 180, inputSize),
  );
}

interface Size {
  width: number;
  height: number;
}
