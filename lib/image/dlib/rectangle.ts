/** A rectangle in dlib's form: the coordinates of its first and its last pixel. */
export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The number of pixels in a rectangle; 0 if its last pixel is before its first. */
export function areaOf({ left, top, right, bottom }: Rectangle): number {
  return right < left || bottom < top ? 0 : (right - left + 1) * (bottom - top + 1);
}

/**
 * Whether two rectangles overlap so much that they are of one object. (dlib, `test_box_overlap`)
 *
 * @param maxOverlap the limit of the intersection over the smallest rectangle that contains both.
 * @param maxCovered the limit of the intersection over either rectangle.
 */
export function overlapsMuch(a: Rectangle, b: Rectangle, maxOverlap: number, maxCovered: number): boolean {
  const inner = areaOf({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  if (inner === 0) return false;
  const outer = areaOf({
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  });
  return inner / outer > maxOverlap || inner / areaOf(a) > maxCovered || inner / areaOf(b) > maxCovered;
}

/** Rounds a coordinate to a whole pixel, as dlib does: a half upwards. */
export function toPixel(value: number): number {
  return Math.floor(value + 0.5);
}
