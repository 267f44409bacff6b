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

/** Adds the leaf of each tree to the shape: tree after tree and with 32 bits, because the sum must be dlib's to the last bit. */
function addLeaves(level: ForestLevel, pixels: Float32Array, shape: Float32Array): void {
  const { leaves, trees } = level;
  const reached = reachedLeaves(level, pixels);
  const length = shape.length;
  // Four leaves at a time: each lies elsewhere in memory, and their reads overlap.
  const grouped = trees - (trees % 4);
  for (let tree = 0; tree < grouped; tree += 4) {
    const [a, b, c, d] = reached.subarray(tree, tree + 4) as unknown as [number, number, number, number];
    const [atA, atB, atC, atD] = [a * length, b * length, c * length, d * length];
    for (let i = 0; i < length; i++) {
      const ab = fround(fround((shape[i] as number) + (leaves[atA + i] as number)) + (leaves[atB + i] as number));
      shape[i] = fround(fround(ab + (leaves[atC + i] as number)) + (leaves[atD + i] as number));
    }
  }
  for (const leaf of reached.subarray(grouped)) {
    for (let i = 0; i < length; i++) shape[i] = (shape[i] as number) + (leaves[leaf * length + i] as number);
  }
}

/** Follows each tree down to a leaf. @returns the index of the leaf among those of all trees. */
function reachedLeaves({ trees, first, second, thresholds }: ForestLevel, pixels: Float32Array): Uint32Array {
  const nodes = first.length / trees;
  const reached = new Uint32Array(trees);
  for (let tree = 0, root = 0; tree < trees; tree++, root += nodes) {
    let node = 0;
    while (node < nodes) {
      const at = root + node;
      const difference = (pixels[first[at] as number] as number) - (pixels[second[at] as number] as number);
      node = 2 * node + (difference > (thresholds[at] as number) ? 1 : 2);
    }
    reached[tree] = root + tree + node - nodes;
  }
  return reached;
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
