import { type Affine, square } from '../image/affine.ts';

/** The whole picture, upright. */
export function uprightView({ width, height }: Size, inputSize: number): Affine {
  return square({ x: width / 2, y: height / 2 }, Math.max(width, height), 0, inputSize);
}

/**
 * The whole picture, turned by 45° and 90° to either side, and from twice as far. Detectors know faces that are nearly
 * upright and do not fill the picture; in one of these views, or in the upright one, a head that is rolled by up to 90° or
 * held close to the camera is such a face.
 */
export function furtherViews({ width, height }: Size, inputSize: number): Affine[] {
  const centre = { x: width / 2, y: height / 2 };
  const side = Math.max(width, height);
  const turned = [45, -45, 90, -90].map((degrees) => square(centre, side, (degrees * Math.PI) / 180, inputSize));
  return [...turned, square(centre, 2 * side, 0, inputSize)];
}

interface Size {
  width: number;
  height: number;
}
