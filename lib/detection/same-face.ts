import { intersectionOverSmaller, intersectionOverUnion } from '../core/overlap.ts';
import type { Face } from '../core/types.ts';
import { wrappedAngle } from '../image/affine.ts';

/** Two detections at one place whose rolls differ by less, in radians, are the same detection. */
const maxRollDifference = Math.PI / 4;

/** Whether two detections are at the same place, whatever their rolls. */
export function overlaps({ box: a }: Pick<Face, 'box'>, { box: b }: Pick<Face, 'box'>): boolean {
  return intersectionOverUnion(a, b) > 0.3 || intersectionOverSmaller(a, b) > 0.6;
}

/** Whether two detections are at the same place and have a similar roll. */
export function isDuplicate(a: Face, b: Face): boolean {
  return overlaps(a, b) && hasSimilarRoll(a, b);
}

/** Whether two rolls differ by less than 45°. */
export function hasSimilarRoll(a: Face, b: Face): boolean {
  return Math.abs(wrappedAngle(a.roll - b.roll)) < maxRollDifference;
}

/** Whether a head is rolled by more than 45° against most heads of its picture, whose roll is `uprightRoll`. */
export function isTurned({ roll }: Pick<Face, 'roll'>, uprightRoll: number): boolean {
  return Math.abs(wrappedAngle(roll - uprightRoll)) > maxRollDifference;
}
