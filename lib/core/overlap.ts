import type { Box } from './types.ts';

/** The intersection over union of two boxes: 0 (disjoint) to 1 (identical). */
export function intersectionOverUnion(a: Box, b: Box): number {
  const overlap = intersectionArea(a, b);
  return overlap === 0 ? 0 : overlap / (a.width * a.height + b.width * b.height - overlap);
}

/** The share of the smaller box that the other covers, 0 to 1. */
export function intersectionOverSmaller(a: Box, b: Box): number {
  const overlap = intersectionArea(a, b);
  return overlap === 0 ? 0 : overlap / Math.min(a.width * a.height, b.width * b.height);
}

function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
