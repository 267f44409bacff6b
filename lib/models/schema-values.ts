import * as v from 'valibot';

/** A finite number above 0. */
export const positive = v.pipe(v.number(), v.minValue(Number.MIN_VALUE), v.finite());

/** A whole number of at least 1. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A number from 0 to 1. */
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** A text that is not empty. */
export const name = v.pipe(v.string(), v.minLength(1));
