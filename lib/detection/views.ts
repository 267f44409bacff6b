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
export function furtherViews(picture: Size, inputSize: number): Affine[] {
  const { width, height } = picture;
  const fromAfar = square({ x: width / 2, y: height / 2 }, 2 * Math.max(width, height), 0, inputSize);
  return [...turned(picture, [45, -45, 90, -90], inputSize), fromAfar];
}

/** The whole picture, turned by each eighth of a turn that one of the rolls is nearest to: the upright one is left out. */
export function turnedViews(picture: Size, rolls: readonly number[], inputSize: number): Affine[] {
  const eighths = rolls.map((roll) => Math.sign(roll) * Math.max(1, Math.round((Math.abs(roll) * 4) / Math.PI)));
  // Half a turn to the left is half a turn to the right.
  const turns = new Set(eighths.map((eighth) => (eighth === -4 ? 4 : eighth)));
  return turned(
    picture,
    [...turns].map((eighth) => eighth * 45),
    inputSize,
  );
}

/** The whole picture, upside down or nearly so, as a photo may be stored whose orientation was lost. */
export function upsideDownViews(picture: Size, inputSize: number): Affine[] {
  return turned(picture, [135, 180, -135], inputSize);
}

function turned({ width, height }: Size, degrees: readonly number[], inputSize: number): Affine[] {
  const centre = { x: width / 2, y: height / 2 };
  return degrees.map((angle) => square(centre, Math.max(width, height), (angle * Math.PI) / 180, inputSize));
}

/** A view's side over the side of the smallest face that detectors find in it reliably. */
const viewPerFace = 24;

/** The least share of a tile that the next one repeats, so that a small face on the seam is whole in one of them. */
const tileOverlap = 0.25;

/**
 * Squares that cover the picture with overlap, in which a face of `minSize` source pixels is as large as detectors need.
 * There are none where the whole picture shows it large enough.
 */
export function tileViews({ width, height }: Size, minSize: number, inputSize: number): Affine[] {
  const side = minSize * viewPerFace;
  if (Math.max(width, height) < 2 * side) return [];
  const rows = tileCentres(height, side);
  const columns = tileCentres(width, side);
  return rows.flatMap((y) => columns.map((x) => square({ x, y }, side, 0, inputSize)));
}

/** The centres of the tiles along one side of the picture: as few as overlap enough, from edge to edge. */
function tileCentres(length: number, side: number): number[] {
  if (length <= side) return [length / 2];
  const count = Math.ceil((length - side) / (side * (1 - tileOverlap))) + 1;
  return Array.from({ length: count }, (_, i) => side / 2 + (i * (length - side)) / (count - 1));
}

interface Size {
  width: number;
  height: number;
}
