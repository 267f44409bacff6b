import type { Affine } from '../../../image/affine.ts';

/** The side of the window that the proposal network scores, in pixels. */
export const windowSide = 12;

/** The distance between neighbouring windows, in pixels. */
export const stride = 2;

/** The ratio of successive scales. (David Sandberg's align code; the paper has 1/√2.) */
const factor = 0.709;

interface Size {
  width: number;
  height: number;
}

/** The searched area at one scale. */
export interface Level extends Size {
  /** Pixels of the level per pixel of the area. */
  scale: number;
}

/** A rectangle of windows of a level, small enough for the network. */
export interface Part extends Size {
  level: Level;
  /** The position of the top left window in its level, in pixels. */
  left: number;
  top: number;
}

/** A part, and the position of its top left pixel in an input image of the network. */
export interface PlacedPart extends Part {
  x: number;
  y: number;
}

/** The scales at which the window covers faces from `minSize` pixels up to the whole area. */
export function levelsOf({ width, height }: Size, minSize: number): Level[] {
  const levels: Level[] = [];
  for (let scale = windowSide / minSize; Math.min(width, height) * scale >= windowSide; scale *= factor) {
    levels.push({ scale, width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  }
  return levels;
}

/** Divides levels into parts of at most `size`×`size` pixels that overlap so that each window is in exactly one part. */
export function partsOf(levels: readonly Level[], size: number): Part[] {
  return levels.flatMap((level) =>
    spans(level.height, size).flatMap(([top, height]) =>
      spans(level.width, size).map(([left, width]) => ({ level, left, top, width, height })),
    ),
  );
}

/** The positions and lengths of the parts of an axis. */
function spans(length: number, maxLength: number): [start: number, length: number][] {
  const windows = windowsAlong(length);
  const maxWindows = windowsAlong(maxLength);
  return Array.from({ length: Math.ceil(windows / maxWindows) }, (_, i) => {
    const count = Math.min(maxWindows, windows - i * maxWindows);
    return [i * maxWindows * stride, (count - 1) * stride + windowSide];
  });
}

/** The number of windows along an axis. */
export function windowsAlong(length: number): number {
  return Math.floor((length - windowSide) / stride) + 1;
}

/**
 * Packs parts into as few images of `size`×`size` pixels as rows of parts allow: tall parts first, each row as high as
 * its first part.
 */
export function packed(parts: readonly Part[], size: number): PlacedPart[][] {
  const images: PlacedPart[][] = [];
  let [x, y, rowHeight] = [0, size, 0];
  for (const part of [...parts].sort((a, b) => b.height - a.height)) {
    if (x + part.width > size || rowHeight === 0) {
      [x, y, rowHeight] = [0, y + rowHeight, part.height];
      if (y + part.height > size) {
        images.push([]);
        y = 0;
      }
    }
    images.at(-1)?.push({ ...part, x, y });
    x += part.width;
  }
  return images;
}

/** The transform from a pixel of a part to the searched area. */
export function toArea({ level, left, top }: Part, area: Size): Affine {
  const [a, d] = [area.width / level.width, area.height / level.height];
  return { a, b: 0, c: 0, d, e: left * a, f: top * d };
}
