/** A part of a picture, in pixels. `right` and `bottom` are excluded. */
export interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** For each scale, the steps in four directions: horizontal, the diagonal downwards, vertical, the diagonal upwards. */
const steps: readonly (readonly (readonly [dx: number, dy: number])[])[] = [
  [
    [1, 0],
    [1, 1],
    [0, 1],
    [1, -1],
  ],
  [
    [2, 0],
    [2, 2],
    [0, 2],
    [2, -2],
  ],
  [
    [4, 0],
    [3, 3],
    [0, 4],
    [3, -3],
  ],
];

/**
 * The strength of fine, medium and coarse detail, each in the direction with the least of it: the root mean square of the differences
 * between each pixel and the mean of two pixels on opposite sides of it.
 *
 * @param luminance row by row.
 * @param width the length of a row.
 * @param region the pixels that count. Those whose neighbours are outside the picture do not.
 * @returns the values of the three scales; 0 for a scale at which no pixel counts.
 */
export function leastDetail(luminance: Float32Array, width: number, region: Region): [number, number, number] {
  return steps.map((directions) =>
    Math.min(...directions.map((step) => differenceAlong(luminance, width, region, step))),
  ) as [number, number, number];
}

/** The root mean square of the differences along one step. */
function differenceAlong(
  luminance: Float32Array,
  width: number,
  { left, top, right, bottom }: Region,
  [dx, dy]: readonly [number, number],
): number {
  const height = luminance.length / width;
  const rise = Math.abs(dy);
  let count = 0;
  let sum = 0;
  for (let y = Math.max(rise, top); y < Math.min(height - rise, bottom); y++) {
    for (let x = Math.max(dx, left); x < Math.min(width - dx, right); x++) {
      const i = y * width + x;
      const offset = dy * width + dx;
      const around = ((luminance[i - offset] as number) + (luminance[i + offset] as number)) / 2;
      sum += ((luminance[i] as number) - around) ** 2;
      count++;
    }
  }
  return count === 0 ? 0 : Math.sqrt(sum / count);
}
