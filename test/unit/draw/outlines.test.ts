import { expect, test } from 'vitest';
import { outlines } from '../../../lib/draw/outlines.ts';
import { pointCounts } from '../../../lib/landmarks/schemes.ts';

test('refers to points of each scheme, to each point of ibug-68 once', () => {
  for (const [scheme, lines] of Object.entries(outlines)) {
    const indices = lines.flatMap(({ points }) => points);
    expect(Math.max(0, ...indices)).toBeLessThan(pointCounts[scheme as keyof typeof pointCounts]);
    expect(new Set(indices).size).toBe(indices.length);
  }
  expect(outlines['ibug-68'].flatMap(({ points }) => points)).toHaveLength(68);
});
