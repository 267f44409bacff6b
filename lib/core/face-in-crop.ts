import type { Face } from './types.ts';

/**
 * The face of an aligned crop, as a detector would report it: for finding landmarks in a crop without a detection. The box
 * is a compromise between the templates.
 *
 * @param crop the size of the crop in pixels.
 */
export function faceInCrop({ width, height }: { width: number; height: number }): Face {
  return { score: 1, roll: 0, box: { x: 0.05 * width, y: 0.1 * height, width: 0.9 * width, height: 0.9 * height } };
}
