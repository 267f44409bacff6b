import { logistic } from '../core/math.ts';

/** A measured value and its score, 0 to 100. Not finite if the face does not allow the measurement. */
export interface Measured {
  value: number;
  score: number;
  /** The side of the face that is darker, the subject's own. Only illuminationUniformity has it. */
  darkerSide?: 'left' | 'right';
}

/** The score of OFIQ's sigmoid: 50 at the centre, 100 far above it. A negative width gives 100 far below. */
export function sigmoidScore(value: number, centre: number, width: number): number {
  return 100 * logistic((value - centre) / width);
}

/** A value with its sigmoid score. */
export function sigmoid(value: number, centre: number, width: number): Measured {
  return { value, score: sigmoidScore(value, centre, width) };
}

/** The component of the distance between the eyes, in pixels of the picture, of a face seen from the front. */
export function interEyeDistance(pixels: number): Measured {
  return sigmoid(pixels, 70, 20);
}
