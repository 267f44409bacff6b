/** The unit vectors of nine orientations, to four digits as in dlib. */
const directions: readonly [number, number][] = [
  [1, 0],
  [0.9397, 0.342],
  [0.766, 0.6428],
  [0.5, 0.866],
  [0.1736, 0.9848],
  [-0.1736, 0.9848],
  [-0.5, 0.866],
  [-0.766, 0.6428],
  [-0.9397, 0.342],
];

/** The number of signed orientations. */
export const orientationCount = 18;

/** The side of the table of orientations: gradients are −255 to 255. */
export const tableSide = 511;

const { fround } = Math;

/**
 * The orientation of each possible gradient, 0 to 17, at the index (dy + 255) · 511 + dx + 255: that of the direction with the largest
 * product, computed in 32-bit floats as dlib does.
 */
export function orientationTable(): Uint8Array {
  if (orientations) return orientations;
  orientations = new Uint8Array(tableSide * tableSide);
  for (let dy = -255, i = 0; dy <= 255; dy++) {
    for (let dx = -255; dx <= 255; dx++, i++) orientations[i] = orientationOf(dx, dy);
  }
  return orientations;
}

/** The table, once it is computed: that takes as long as the search of a small picture. */
let orientations: Uint8Array | undefined;

function orientationOf(dx: number, dy: number): number {
  let largest = 0;
  let orientation = 0;
  directions.forEach(([x, y], o) => {
    const product = fround(fround(dx * fround(x)) + fround(dy * fround(y)));
    if (product > largest) [largest, orientation] = [product, o];
    else if (-product > largest) [largest, orientation] = [-product, o + 9];
  });
  return orientation;
}
