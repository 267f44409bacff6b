import type { Affine } from '../../../image/affine.ts';

/** A rectangle in pixels of the searched area that may show a face. */
export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A rectangle with its score, 0 to 1. */
export interface Candidate extends Rectangle {
  score: number;
}

/** The corrections of the four sides, as fractions of the width and the height: left, top, right, bottom. */
export type Regression = ArrayLike<number>;

/**
 * Non-maximum suppression.
 *
 * @param maxOverlap a candidate that overlaps a stronger one more is dropped.
 * @param relativeTo the area that the intersection is divided by.
 * @returns the others, strongest first.
 */
export function suppressCandidates<C extends Candidate>(
  candidates: readonly C[],
  maxOverlap: number,
  relativeTo: 'union' | 'smaller' = 'union',
): C[] {
  const kept: C[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    if (!kept.some((stronger) => overlap(stronger, candidate, relativeTo) > maxOverlap)) kept.push(candidate);
  }
  return kept;
}

function overlap(a: Rectangle, b: Rectangle, relativeTo: 'union' | 'smaller'): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  const [areaA, areaB] = [areaOf(a), areaOf(b)];
  return intersection / (relativeTo === 'smaller' ? Math.min(areaA, areaB) : areaA + areaB - intersection);
}

function areaOf({ left, top, right, bottom }: Rectangle): number {
  return (right - left) * (bottom - top);
}

/**
 * Moves the sides of a candidate by a network's corrections.
 *
 * @param width the width that the corrections are fractions of. Default: the candidate's.
 * @param height the same for the height.
 */
export function corrected<C extends Candidate>(
  candidate: C,
  regression: Regression,
  width = candidate.right - candidate.left,
  height = candidate.bottom - candidate.top,
): C {
  const [left = 0, top = 0, right = 0, bottom = 0] = Array.from(regression);
  return {
    ...candidate,
    left: candidate.left + left * width,
    top: candidate.top + top * height,
    right: candidate.right + right * width,
    bottom: candidate.bottom + bottom * height,
  };
}

/** The square about the centre of a candidate, with its longer side, at whole pixels. */
export function squared<C extends Candidate>(candidate: C): C {
  const { left, top, right, bottom } = candidate;
  const half = Math.max(right - left, bottom - top) / 2;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return {
    ...candidate,
    left: firstPixel(x - half),
    top: firstPixel(y - half),
    right: Math.trunc(x + half),
    bottom: Math.trunc(y + half),
  };
}

/** Rounds a left or top side. The reference counts pixels from 1 and truncates the number of the first pixel inside. */
function firstPixel(side: number): number {
  return Math.trunc(side + 1) - 1;
}

/** The transform from a crop of `size`×`size` pixels that shows the rectangle to the searched area. */
export function cropOf({ left, top, right, bottom }: Rectangle, size: number): Affine {
  return { a: (right - left) / size, b: 0, c: 0, d: (bottom - top) / size, e: left, f: top };
}
