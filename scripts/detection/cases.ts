/** What is done to a photo before it is searched. */
export interface Case {
  name: string;
  /** Turned about its middle, clockwise, in degrees. */
  roll?: number;
  /** Scaled so that a face of the photos' usual size has this side, in pixels, on a grey picture of 1920×1440. */
  faceSize?: number;
  /** Multiplied brightness. */
  brightness?: number;
  /** The standard deviation of a Gaussian blur, as a share of a face's side. */
  blur?: number;
  /** Which half of each face is covered with grey. */
  covered?: 'lower' | 'left';
}

/** The photos as they are, and hard cases made of them. */
export const cases: readonly Case[] = [
  { name: 'unchanged' },
  ...[30, 60, 90, 135, 180].map((roll) => ({ name: `rolled by ${roll}°`, roll })),
  ...[40, 20].map((faceSize) => ({ name: `faces of ${faceSize} pixels`, faceSize })),
  { name: 'brightness 15 %', brightness: 0.15 },
  { name: 'blurred by 6 % of the face', blur: 0.06 },
  { name: 'lower half covered', covered: 'lower' },
  { name: 'left half covered', covered: 'left' },
];
