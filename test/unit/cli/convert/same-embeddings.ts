import { expect } from 'vitest';
import { cosine } from './small-embedder.ts';

/** Expects equal embeddings to a ten-thousandth of their length, and different embeddings for the two images. */
export function expectSameEmbeddings(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual).toHaveLength(2);
  actual.forEach((row, i) => {
    const wanted = expected[i] as number[];
    expect(row).toHaveLength(wanted.length);
    const difference = Math.hypot(...row.map((x, j) => x - (wanted[j] as number)));
    expect(difference / Math.hypot(...wanted)).toBeLessThan(1e-4);
  });
  expect(cosine(actual[0], actual[1])).toBeLessThan(0.99);
}
