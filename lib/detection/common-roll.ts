import type { Face } from '../core/types.ts';
import { isFound } from './evidence.ts';
import { hasSimilarRoll } from './same-face.ts';

/**
 * A head with a larger roll, in radians, suggests that the whole photo is rotated and that other heads are rolled too.
 */
export const maxUprightRoll = Math.PI / 12;

/** One turned face may be an error. */
const minCommon = 2;

/**
 * The roll that most faces have, in radians. A photo that lost its orientation tag turns all heads alike, so the found
 * ones tell what to expect of the others. 0 if most are upright or none is common to more than half of them.
 */
export function commonRoll(faces: readonly Face[]): number {
  const found = faces.filter(isFound);
  const group = found
    .map((face) => found.filter((other) => hasSimilarRoll(face, other)))
    .reduce((largest, each) => (each.length > largest.length ? each : largest), []);
  const roll = meanRoll(group);
  const isCommon = group.length >= minCommon && 2 * group.length > found.length;
  return isCommon && Math.abs(roll) > maxUprightRoll ? roll : 0;
}

/** The direction of the sum of the faces' directions: rolls of −π and π are the same. */
function meanRoll(faces: readonly Face[]): number {
  const sum = (of: (angle: number) => number) => faces.reduce((total, { roll }) => total + of(roll), 0);
  return Math.atan2(sum(Math.sin), sum(Math.cos));
}
