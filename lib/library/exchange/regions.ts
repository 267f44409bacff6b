import { FaceNetError } from '../../core/errors.ts';
import type { Box } from '../../core/types.ts';

/** A face region of a photo, as the Metadata Working Group defines it. */
export interface FaceRegion {
  /** The name of the person; empty if unknown. */
  name: string;
  /** In pixels of the photo, with the EXIF orientation applied. */
  box: Box;
}

/** The size and orientation of a photo. A `LibraryPhoto` satisfies it. */
export interface RegionPhoto {
  /** The width in pixels, with the EXIF orientation applied. */
  width: number;
  /** The height in pixels, with the EXIF orientation applied. */
  height: number;
  /** The EXIF orientation of the file, 1 to 8. */
  orientation: number;
}

/** A region in shares of the stored picture: its centre and its size. */
export interface StoredArea {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** For each orientation, where a point (u, v) of the upright picture is in the stored one, in shares of the sides. */
const toStoredPoint: Record<number, (u: number, v: number) => [number, number]> = {
  1: (u, v) => [u, v],
  2: (u, v) => [1 - u, v],
  3: (u, v) => [1 - u, 1 - v],
  4: (u, v) => [u, 1 - v],
  5: (u, v) => [v, u],
  6: (u, v) => [v, 1 - u],
  7: (u, v) => [1 - v, 1 - u],
  8: (u, v) => [1 - v, u],
};

/** The inverse of each orientation: turning a quarter one way is undone by the other way. */
const inverse: Record<number, number> = { 6: 8, 8: 6 };

/** @throws {FaceNetError} `option-invalid` unless they are a list of names with boxes. */
export function requireRegions(regions: readonly FaceRegion[]): void {
  const isNumber = (value: unknown) => Number.isFinite(value);
  const isRegion = ({ name, box }: Partial<FaceRegion> = {}) =>
    typeof name === 'string' && box && [box.x, box.y, box.width, box.height].every(isNumber);
  if (Array.isArray(regions) && regions.every((region) => isRegion(region ?? undefined))) return;
  throw new FaceNetError(
    'option-invalid',
    'The regions are no list of faces: pass { name, box } of each face, with an empty name if it is unknown.',
  );
}

/** @throws {FaceNetError} `option-invalid` for a photo without a size or an orientation from 1 to 8. */
export function requirePhoto(photo: RegionPhoto): void {
  const { width, height, orientation } = photo ?? {};
  if (width > 0 && height > 0 && Object.hasOwn(toStoredPoint, orientation)) return;
  throw new FaceNetError(
    'option-invalid',
    'The photo needs a width and a height in pixels, and an orientation from 1 to 8: pass { width, height, orientation }, or a photo of the library.',
  );
}

/** The size of the stored picture, before its orientation is applied. */
export function storedSize({ width, height, orientation }: RegionPhoto): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** The area of a box in the stored picture. (MWG, "Guidelines for Handling Image Metadata" 2.0: regions refer to stored pixels) */
export function toStoredArea({ x, y, width, height }: Box, photo: RegionPhoto): StoredArea {
  const centre = [(x + width / 2) / photo.width, (y + height / 2) / photo.height] as const;
  const size = [width / photo.width, height / photo.height] as const;
  const [u, v] = (toStoredPoint[photo.orientation] as (u: number, v: number) => [number, number])(...centre);
  const [w, h] = photo.orientation >= 5 ? [size[1], size[0]] : size;
  return { x: u, y: v, width: w, height: h };
}

/** The box of an area of the stored picture: the inverse of {@link toStoredArea}. */
export function fromStoredArea({ x, y, width, height }: StoredArea, photo: RegionPhoto): Box {
  const { orientation } = photo;
  const [u, v] = (toStoredPoint[inverse[orientation] ?? orientation] as (u: number, v: number) => [number, number])(
    x,
    y,
  );
  const [w, h] = orientation >= 5 ? [height, width] : [width, height];
  const size = { width: w * photo.width, height: h * photo.height };
  return { x: u * photo.width - size.width / 2, y: v * photo.height - size.height / 2, ...size };
}
