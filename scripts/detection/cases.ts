/** A change of a photo before the detection. */
export interface Case {
  name: string;
  /** The rotation about the centre, clockwise, in degrees. */
  roll?: number;
  /** The side of the photo's median face after scaling, in pixels, on a grey image of 1920×1440. */
  faceSize?: number;
  /** The factor of the brightness. */
  brightness?: number;
  /** The standard deviation of a Gaussian blur, as a fraction of the face's side. */
  blur?: number;
  /** The half of each face that is covered with grey. */
  covered?: 'lower' | 'left';
}

/** The unchanged photos, and hard cases made of them. */
export const cases: readonly Case[] = [
  { name: 'unchanged' },
  ...[30, 60, 90, 135, 180].map((roll) => ({ name: `rolled by ${roll}°`, roll })),
  ...[40, 20].map((faceSize) => ({ name: `faces of ${faceSize} pixels`, faceSize })),
  { name: 'brightness 15 %', brightness: 0.15 },
  { name: 'blurred by 6 % of the face', blur: 0.06 },
  { name: 'lower half covered', covered: 'lower' },
  { name: 'left half covered', covered: 'left' },
];
