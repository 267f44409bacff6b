import type { ByteImage } from '../../../image/dlib/byte-image.ts';
import type { Rectangle } from '../../../image/dlib/rectangle.ts';
import type { FloatPixels } from '../../../image/float-pixels.ts';

/** Levels of fewer rows are left out. (dlib) */
const minRows = 5;

/** Where the levels of an image pyramid are in one image. */
export interface TiledLayout {
  width: number;
  height: number;
  /** The rectangle of each level, the largest first. */
  levels: Rectangle[];
}

/**
 * Places all levels of an image pyramid in one image: from the top down, then upwards at the right edge. (dlib,
 * `compute_tiled_image_pyramid_details`)
 *
 * @param padding the pixels between two levels.
 * @param outer the pixels about all of them.
 */
export function tiledLayout(width: number, height: number, padding: number, outer: number): TiledLayout {
  const sizes = levelSizes(width, height);
  const [first] = sizes as [{ width: number; height: number }];
  const total = sizes.reduce((sum, size) => sum + size.height + padding, 0) - 2 * padding;
  let rows = 0;
  let previousWidth = 0;
  for (const size of sizes) {
    const fits = size.width <= first.width - previousWidth - padding;
    if (fits && (rows - first.height) * 2 >= total - first.height) break;
    rows += size.height + padding;
    previousWidth = size.width;
  }
  rows -= padding;
  return {
    width: first.width + 2 * outer,
    height: rows + 2 * outer,
    levels: placedLevels(sizes, rows, padding, outer),
  };
}

function levelSizes(width: number, height: number): { width: number; height: number }[] {
  const sizes = [{ width, height }];
  for (;;) {
    const last = sizes.at(-1) as { width: number; height: number };
    const next = { width: Math.floor((5 / 6) * last.width), height: Math.floor((5 / 6) * last.height) };
    if (next.width * next.height === 0 || next.height < minRows) return sizes;
    sizes.push(next);
  }
}

function placedLevels(
  sizes: readonly { width: number; height: number }[],
  rows: number,
  padding: number,
  outer: number,
): Rectangle[] {
  const levels: Rectangle[] = [];
  const [first] = sizes as [{ width: number; height: number }];
  let y = outer;
  for (const { width, height } of sizes) {
    if (y >= rows + outer) break;
    levels.push({ left: outer, top: y, right: outer + width - 1, bottom: y + height - 1 });
    y += height + padding;
  }
  y -= padding;
  for (const { width, height } of sizes.slice(levels.length)) {
    const right = outer + first.width - 1;
    const level = { left: right - width + 1, top: y - height, right, bottom: y - 1 };
    // The second column must not reach the first level.
    if (level.top <= (levels[0] as Rectangle).bottom) break;
    levels.push(level);
    y -= height + padding;
  }
  return levels;
}

/**
 * Draws the pyramid. Each level is interpolated linearly from the one before, without rounding to bytes, as dlib does; the rest has
 * the colour that the network takes for 0.
 *
 * @param background red, green and blue of the rest.
 */
export function drawTiledPyramid(image: ByteImage, layout: TiledLayout, background: readonly number[]): FloatPixels {
  const { width, height, levels } = layout;
  const data = new Float32Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set(background, i);
  let level = { width: image.width, height: image.height, data: floatsOf(image) };
  for (const [i, { left, top, right, bottom }] of levels.entries()) {
    if (i > 0) level = resized(level, right - left + 1, bottom - top + 1);
    const length = level.width * 3;
    for (let y = 0; y < level.height; y++) {
      data.set(level.data.subarray(y * length, (y + 1) * length), ((top + y) * width + left) * 3);
    }
  }
  return { width, height, data };
}

function floatsOf({ channels, data }: ByteImage): Float32Array {
  return channels === 3
    ? Float32Array.from(data)
    : Float32Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)] as number);
}

/** Resizes by linear interpolation: the corners of both images coincide. (dlib, `tt::resize_bilinear`) */
function resized(image: FloatPixels, width: number, height: number): FloatPixels {
  const data = new Float32Array(width * height * 3);
  const acrossScale = (image.width - 1) / Math.max(width - 1, 1);
  const downScale = (image.height - 1) / Math.max(height - 1, 1);
  for (let row = 0, to = 0; row < height; row++) {
    const y = row * downScale;
    const top = Math.floor(y);
    const down = y - top;
    const above = top * image.width;
    const below = Math.min(top + 1, image.height - 1) * image.width;
    for (let column = 0; column < width; column++) {
      const x = column * acrossScale;
      const left = Math.floor(x);
      const right = Math.min(left + 1, image.width - 1);
      const across = x - left;
      for (let channel = 0; channel < 3; channel++, to++) {
        const at = (index: number) => image.data[3 * index + channel] as number;
        const upper = (1 - across) * at(above + left) + across * at(above + right);
        const lower = (1 - across) * at(below + left) + across * at(below + right);
        data[to] = (1 - down) * upper + down * lower;
      }
    }
  }
  return { width, height, data };
}
