import { type Affine, square } from '../image/affine.ts';

/**
 * The parts and turns of a picture that a detector is shown, each as the transform from the detector's input to the
 * source.
 */
export function views({ width, height }: { width: number; height: number }, size: number): Affine[] {
  const centre = { x: width / 2, y: height / 2 };
  const side = Math.max(width, height);
  return [0, Math.PI / 2, -Math.PI / 2].map((roll) => square(centre, side, roll, size));
}
