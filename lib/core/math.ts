import type { Box, Point } from './types.ts';

/** The logistic function 1 / (1 + e⁻ˣ): a logit's probability, 0 to 1. */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The centre of a box. */
export function boxCentre({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** The box of a size about a centre. */
export function boxAround({ x, y }: Point, width: number, height: number): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Rounds to the nearest whole number, a half to the even one: OpenCV's `cvRound`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
