import { boxCentre } from '../core/math.ts';
import type { Box, Face } from '../core/types.ts';
import { type Affine, squareCrop } from '../image/affine.ts';

interface Size {
  width: number;
  height: number;
}

/**
 * The side of a face, in pixels of a detector's input, from which one that stands apart is found. Measured on reduced
 * faces of LFW: BlazeFace short range finds 9 of 10 at 12 pixels and 7 of 10 at 10.
 */
const minInputPixels = 12;

/** The maximum ratio of a tile's side to the smallest face, for detectors with a large input. */
const maxTilePerFace = 24;

/** A picture that is larger than a tile by less than this factor is not tiled. */
export const minPicturePerTile = 1.25;

/** The ratio of the sides of tiles of successive levels. */
export const tileLevelRatio = 4;

/** The minimum overlap of neighbouring tiles, as a share of a tile: a small face on a seam is whole in one of them. */
const minTileOverlap = 0.2;

/**
 * A crowd hides faces from a detector unless each covers about a sixth of the view: BlazeFace short range finds 4 of 10
 * heads side by side at 12 pixels, and all of them at 20.
 */
const maxViewPerCrowdedFace = 6.4;

/** The ratio of a quarter's side to its tile's: quarters overlap by a third. */
const quarterRatio = 0.6;

/**
 * Overlapping square tiles of the picture, by level: a face of at least `minSize` source pixels is large enough for a
 * detector in the tiles of one level, or in the view of the whole picture.
 *
 * @returns the tiles of each level, the smallest first. Empty if the view of the whole picture suffices.
 */
export function tileLevels(picture: Size, minSize: number, inputSize: number): Box[][] {
  const levels: Box[][] = [];
  const longer = Math.max(picture.width, picture.height);
  let side = minSize * Math.min(inputSize / minInputPixels, maxTilePerFace);
  for (; longer > minPicturePerTile * side; side *= tileLevelRatio) {
    levels.push(tilesOf({ x: 0, y: 0, ...picture }, { width: side, height: side }));
  }
  return levels;
}

/** The quarters of the tiles in which a face is so small that the detector may have missed others beside it. */
export function crowdedQuarters(tiles: readonly Box[], faces: readonly Face[]): Box[] {
  const isCrowded = (tile: Box) =>
    isCrowdedView(
      tile.width,
      faces.filter(({ box }) => contains(tile, box)),
    );
  return tiles
    .filter(isCrowded)
    .flatMap((tile) => tilesOf(tile, { width: quarterRatio * tile.width, height: quarterRatio * tile.width }));
}

/** The same for a picture that {@link tileLevels} does not tile: tiles that are small enough for a crowd of the smallest faces. */
export function crowdedPictureTiles(picture: Size, minSize: number, faces: readonly Face[]): Box[] {
  const longer = Math.max(picture.width, picture.height);
  const counted = faces.filter(({ box }) => box.width >= minSize);
  // One face is no crowd.
  if (counted.length < 2 || !isCrowdedView(longer, counted)) return [];
  const side = maxViewPerCrowdedFace * minSize;
  return tilesOf({ x: 0, y: 0, ...picture }, { width: side, height: side });
}

function isCrowdedView(side: number, faces: readonly Face[]): boolean {
  return faces.some(({ box }) => maxViewPerCrowdedFace * box.width < side);
}

/** The view of a tile. @param roll its rotation, in radians: a multiple of 90°, so that it covers the tile. */
export function tileView(tile: Box, roll: number, inputSize: number): Affine {
  return squareCrop(boxCentre(tile), tile.width, roll, inputSize);
}

function contains(tile: Box, box: Box): boolean {
  const { x, y } = boxCentre(box);
  return x >= tile.x && y >= tile.y && x <= tile.x + tile.width && y <= tile.y + tile.height;
}

/** The fewest tiles of a size that cover an area with the minimum overlap. Larger tiles are centred on the area. */
export function tilesOf(area: Box, { width, height }: Size): Box[] {
  const columns = starts(area.x, area.width, width);
  return starts(area.y, area.height, height).flatMap((y) => columns.map((x) => ({ x, y, width, height })));
}

/** The starts of the fewest tiles that cover `length` with the minimum overlap. */
function starts(from: number, length: number, side: number): number[] {
  if (length <= side) return [from + (length - side) / 2];
  const count = Math.ceil((length - side) / (side * (1 - minTileOverlap)) - 1e-6) + 1;
  return Array.from({ length: count }, (_, i) => from + (i * (length - side)) / (count - 1));
}
