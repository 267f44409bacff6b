import { FaceNetError } from '../../core/errors.ts';
import type { Landmarks, Pixels, Point } from '../../core/types.ts';
import { type Affine, apply } from '../../image/affine.ts';
import type { ByteImage } from '../../image/dlib/byte-image.ts';
import { halvedByGaussian } from '../../image/dlib/pyramid.ts';
import type { PixelSource } from '../../image/pixel-source.ts';
import { similarity } from '../../image/similarity.ts';
import { chipPoints } from './mean-face.ts';

/** dlib's padding for its ResNet. */
export const defaultPadding = 0.25;

/** A rectangle in dlib's form, with fractions: the coordinates of its first and last pixel. */
interface FractionalRectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The transform from the pixel indices of dlib's face chip to those of the source: the similarity transform that fits dlib's mean face to
 * the landmarks. (dlib, `get_face_chip_details`)
 *
 * @param size the chip's side in pixels.
 * @param padding the margin about the mean face, as a share of its size.
 * @throws {FaceNetError} `option-invalid` for landmarks other than dlib's 5 or the 68 of iBUG.
 */
export function chipTransform({ scheme, points }: Landmarks, size: number, padding: number): Affine {
  const mean = chipPoints[scheme];
  if (!mean) {
    throw new FaceNetError(
      'option-invalid',
      `The template "dlib-chip" needs the points of dlib, not those of the scheme "${scheme}": use the landmarker dlib-5 or dlib-68, or the template "dlib".`,
    );
  }
  const inChip = mean.map(({ x, y }) => ({
    x: (size * (padding + x)) / (2 * padding + 1),
    y: (size * (padding + y)) / (2 * padding + 1),
  }));
  return similarity(
    inChip,
    mean.map(({ index }) => points[index] as Point),
  );
}

/**
 * Cuts dlib's face chip out of a picture, with dlib's resampling: the picture is halved while it has more than twice the chip's resolution,
 * then interpolated linearly. What lies outside the picture is black. (dlib, `extract_image_chip`)
 */
export function dlibChip(source: PixelSource, landmarks: Landmarks, size: number, padding: number): Pixels {
  const transform = chipTransform(landmarks, size, padding);
  const centre = apply(transform, { x: size / 2, y: size / 2 });
  const scale = Math.hypot(transform.a, transform.b);
  const half = (size * scale - 1) / 2;
  const rect = { left: centre.x - half, top: centre.y - half, right: centre.x + half, bottom: centre.y + half };
  return extractChip(source, rect, Math.atan2(transform.b, transform.a), size);
}

/** Cuts a rotated square out of a picture. @param angle the rotation about its centre, clockwise on the screen, in radians. */
export function extractChip(source: PixelSource, rect: FractionalRectangle, angle: number, size: number): Pixels {
  const levels = levelsFor(rect, size);
  const { image, left, top } = surroundings(source, rect, angle, levels);
  let level = image;
  let inLevel = { left: rect.left - left, top: rect.top - top, right: rect.right - left, bottom: rect.bottom - top };
  for (let i = 0; i < levels; i++) {
    level = halvedByGaussian(level);
    inLevel = halvedRectangle(inLevel);
  }
  return interpolated(level, chipToImage(inLevel, angle, size), size);
}

/** How often the picture is halved. */
function levelsFor(rect: FractionalRectangle, size: number): number {
  let levels = 0;
  for (let next = halvedRectangle(rect); area(next) > size * size; next = halvedRectangle(next)) levels++;
  return levels;
}

function halvedRectangle({ left, top, right, bottom }: FractionalRectangle): FractionalRectangle {
  return { left: left / 2 - 1.25, top: top / 2 - 0.75, right: right / 2 - 1.25, bottom: bottom / 2 - 0.75 };
}

function area({ left, top, right, bottom }: FractionalRectangle): number {
  return left > right || top > bottom ? 0 : (right - left + 1) * (bottom - top + 1);
}

/** Reads the pixels about the rotated rectangle, with the margin that the filter needs. */
function surroundings(source: PixelSource, rect: FractionalRectangle, angle: number, levels: number) {
  let margin = 2;
  for (let i = 0; i < levels; i++) margin = 2 * margin + 2;
  const corners = cornersOf(rect, angle);
  const inside = (value: number, limit: number) => Math.min(Math.max(value, 0), limit - 1);
  const rounded = (value: number) => Math.floor(value + 0.5);
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const left = rounded(inside(Math.min(...xs) - margin, source.width));
  const top = rounded(inside(Math.min(...ys) - margin, source.height));
  const right = rounded(inside(Math.max(...xs) + margin, source.width));
  const bottom = rounded(inside(Math.max(...ys) + margin, source.height));
  return { image: readRegion(source, left, top, right - left + 1, bottom - top + 1), left, top };
}

function readRegion(source: PixelSource, left: number, top: number, width: number, height: number): ByteImage {
  const raster = source.read({ x: left, y: top, width, height });
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    let from = ((top + y - raster.y) * raster.width + left - raster.x) * 4;
    for (let x = 0; x < width; x++, from += 4, to += 3) {
      data[to] = raster.data[from] as number;
      data[to + 1] = raster.data[from + 1] as number;
      data[to + 2] = raster.data[from + 2] as number;
    }
  }
  return { width, height, channels: 3, data };
}

/** The corners of a rectangle rotated about its centre: top left, top right, bottom left, bottom right. */
function cornersOf({ left, top, right, bottom }: FractionalRectangle, angle: number): [Point, Point, Point, Point] {
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rotated = (x: number, y: number) => ({
    x: cx + cos * (x - cx) - sin * (y - cy),
    y: cy + sin * (x - cx) + cos * (y - cy),
  });
  return [rotated(left, top), rotated(right, top), rotated(left, bottom), rotated(right, bottom)];
}

/** The transform that takes the first and last pixels of the chip to the corners of the rectangle. */
function chipToImage(rect: FractionalRectangle, angle: number, size: number): Affine {
  const [first, across, down] = cornersOf(rect, angle);
  const last = Math.max(size - 1, 1);
  return {
    a: (across.x - first.x) / last,
    b: (across.y - first.y) / last,
    c: (down.x - first.x) / last,
    d: (down.y - first.y) / last,
    e: first.x,
    f: first.y,
  };
}

/** Samples an image by linear interpolation; positions between its pixels and its edge are black. dlib truncates the colours. */
function interpolated({ width, height, data }: ByteImage, toImage: Affine, size: number): Pixels {
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let row = 0, to = 0; row < size; row++) {
    for (let column = 0; column < size; column++, to += 4) {
      pixels[to + 3] = 255;
      const { x, y } = apply(toImage, { x: column, y: row });
      const [left, top] = [Math.floor(x), Math.floor(y)];
      if (!(left >= 0 && top >= 0 && left + 1 < width && top + 1 < height)) continue;
      const [across, down] = [x - left, y - top];
      const above = (top * width + left) * 3;
      const below = above + width * 3;
      for (let channel = 0; channel < 3; channel++) {
        const upper = (1 - across) * (data[above + channel] as number) + across * (data[above + 3 + channel] as number);
        const lower = (1 - across) * (data[below + channel] as number) + across * (data[below + 3 + channel] as number);
        pixels[to + channel] = Math.floor((1 - down) * upper + down * lower);
      }
    }
  }
  return { width: size, height: size, data: pixels };
}
