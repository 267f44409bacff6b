/** Vectors in double precision, all of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** ‖a − b‖². */
export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

/** Adds a multiple of a vector to the numbers from a place on. */
export function addScaled(to: Float64Array, what: ArrayLike<number>, by: number, at = 0): void {
  for (let i = 0; i < what.length; i++) to[at + i] = (to[at + i] as number) + by * (what[i] as number);
}
