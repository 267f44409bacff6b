import { type Affine, squareCrop } from '../image/affine.ts';

interface Size {
  width: number;
  height: number;
}

/** The view of the whole picture, upright. All views are square and map from a detector's input to source pixels. */
export function uprightView({ width, height }: Size, inputSize: number): Affine {
  return squareCrop({ x: width / 2, y: height / 2 }, Math.max(width, height), 0, inputSize);
}

/**
 * Views of the whole picture, turned by ±45° and ±90°, and upright at half the scale. Detectors are trained on nearly
 * upright faces that do not fill the picture. In one of these views a head with a roll of up to 90°, or one close to
 * the camera, meets both conditions.
 */
export function rotatedViews(picture: Size, inputSize: number): Affine[] {
  const { width, height } = picture;
  const halfScale = squareCrop({ x: width / 2, y: height / 2 }, 2 * Math.max(width, height), 0, inputSize);
  return [...turned(picture, [45, -45, 90, -90], inputSize), halfScale];
}

/**
 * Views of the whole picture, turned by the multiple of 45°, other than 0°, that is nearest to each roll (in radians).
 */
export function turnedViews(picture: Size, rolls: readonly number[], inputSize: number): Affine[] {
  const eighths = rolls.map((roll) => Math.sign(roll) * Math.max(1, Math.round((Math.abs(roll) * 4) / Math.PI)));
  // −180° and 180° are the same view.
  const turns = new Set(eighths.map((eighth) => (eighth === -4 ? 4 : eighth)));
  return turned(
    picture,
    [...turns].map((eighth) => eighth * 45),
    inputSize,
  );
}

/** Views of the whole picture, turned by 135°, 180° and −135°, for photos that have lost their orientation tag. */
export function upsideDownViews(picture: Size, inputSize: number): Affine[] {
  return turned(picture, [135, 180, -135], inputSize);
}

function turned({ width, height }: Size, degrees: readonly number[], inputSize: number): Affine[] {
  const centre = { x: width / 2, y: height / 2 };
  return degrees.map((angle) => squareCrop(centre, Math.max(width, height), (angle * Math.PI) / 180, inputSize));
}
