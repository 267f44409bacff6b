import type { Box, Point } from '../../core/types.ts';
import { toPixel } from '../../image/dlib/rectangle.ts';
import { similarity } from '../../image/similarity.ts';
import type { ForestLevel, ShapePredictor } from './shape-predictor.ts';

/** Reads the grey level at a whole pixel: 0 to 255, and 0 outside the picture. */
export type GreyAt = (x: number, y: number) => number;

const { fround } = Math;

/**
 * Predicts the points of a face as dlib's `shape_predictor` does, which rounds them to whole pixels afterwards.
 *
 * @param box the face's box in whole pixels, as dlib's detectors give it. Its last row and column are inside it.
 */
export function predictShape({ meanShape, levels }: ShapePredictor, greyAt: GreyAt, box: Box): Point[] {
  const shape = meanShape.slice();
  for (const level of levels) addLeaves(level, comparedPixels(level, meanShape, shape, greyAt, box), shape);
  return pointsOf(shape).map(({ x, y }) => ({ x: inBoxX(x, box), y: inBoxY(y, box) }));
}

/** The grey levels at the pixels of a level: those of the mean shape, moved with the points that they are placed by. */
function comparedPixels(
  { anchors, offsets }: ForestLevel,
  meanShape: Float32Array,
  shape: Float32Array,
  greyAt: GreyAt,
  box: Box,
): Float32Array {
  const transform = similarity(pointsOf(meanShape), pointsOf(shape));
  const [a, b] = [fround(transform.a), fround(transform.b)];
  const values = new Float32Array(anchors.length);
  for (let i = 0; i < values.length; i++) {
    const anchor = 2 * (anchors[i] as number);
    const [dx, dy] = [offsets[2 * i] as number, offsets[2 * i + 1] as number];
    const x = fround(fround(fround(a * dx) - fround(b * dy)) + (shape[anchor] as number));
    const y = fround(fround(fround(b * dx) + fround(a * dy)) + (shape[anchor + 1] as number));
    values[i] = greyAt(toPixel(inBoxX(x, box)), toPixel(inBoxY(y, box)));
  }
  return values;
}

/** Follows each tree down to a leaf, and adds the leaves to the shape. */
function addLeaves(level: ForestLevel, pixels: Float32Array, shape: Float32Array): void {
  const { trees, first, second, thresholds, leaves, scales } = level;
  const nodes = first.length / trees;
  const length = shape.length;
  const sum = new Float64Array(length);
  for (let tree = 0, root = 0; tree < trees; tree++, root += nodes) {
    let node = 0;
    while (node < nodes) {
      const at = root + node;
      const difference = (pixels[first[at] as number] as number) - (pixels[second[at] as number] as number);
      node = 2 * node + (difference > (thresholds[at] as number) ? 1 : 2);
    }
    const leaf = root + tree + node - nodes;
    const scale = scales[leaf] as number;
    // A point has two coordinates. Two sums at a time take two thirds of the time.
    for (let i = 0, at = leaf * length; i < length; i += 2, at += 2) {
      sum[i] = (sum[i] as number) + (leaves[at] as number) * scale;
      sum[i + 1] = (sum[i + 1] as number) + (leaves[at + 1] as number) * scale;
    }
  }
  for (let i = 0; i < length; i++) shape[i] = (shape[i] as number) + (sum[i] as number);
}

function pointsOf(shape: Float32Array): Point[] {
  return Array.from({ length: shape.length / 2 }, (_, i) => ({
    x: shape[2 * i] as number,
    y: shape[2 * i + 1] as number,
  }));
}

function inBoxX(x: number, box: Box): number {
  return box.x + x * (box.width - 1);
}

function inBoxY(y: number, box: Box): number {
  return box.y + y * (box.height - 1);
}
