import type { Box } from '../../core/types.ts';
import { fromDoubled } from './pyramid.ts';
import { overlapsMuch, type Rectangle, toPixel } from './rectangle.ts';

/**
 * Keeps the strongest of overlapping detections. (dlib, `test_box_overlap`)
 *
 * @param maxOverlap of two detections, the weaker one is dropped if the intersection over the rectangle about both is larger…
 * @param maxCovered …or if a larger share than this of either box is inside the other.
 * @returns the detections, strongest first.
 */
export function strongest<D extends { box: Rectangle; score: number }>(
  found: readonly D[],
  { maxOverlap, maxCovered }: { maxOverlap: number; maxCovered: number },
): D[] {
  const kept: D[] = [];
  for (const detection of [...found].sort((a, b) => b.score - a.score)) {
    if (!kept.some(({ box }) => overlapsMuch(box, detection.box, maxOverlap, maxCovered))) kept.push(detection);
  }
  return kept;
}

/** The box, in the original, of a detection in a picture that was doubled `doublings` times. */
export function originalBox({ left, top, right, bottom }: Rectangle, doublings: number): Box {
  const first = fromDoubled({ x: left, y: top }, doublings);
  const last = fromDoubled({ x: right, y: bottom }, doublings);
  const [x, y] = [toPixel(first.x), toPixel(first.y)];
  return { x, y, width: toPixel(last.x) - x + 1, height: toPixel(last.y) - y + 1 };
}
