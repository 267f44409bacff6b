/** The median of some values, and their range. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The median and the range; NaN for no values. */
export function spread(values: readonly number[]): Spread {
  const sorted = ascending(values);
  const at = (i: number) => sorted[i] ?? Number.NaN;
  const middle = sorted.length / 2;
  return { median: (at(Math.ceil(middle) - 1) + at(Math.floor(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** The median; the upper one of an even count, NaN for no values. */
export function median(values: readonly number[]): number {
  return ascending(values)[values.length >> 1] ?? Number.NaN;
}

/** The arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
