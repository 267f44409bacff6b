import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestItems } from '../../../lib/library/people/best-items.ts';

test('the best items are the first ones of all wanted ones, sorted', async () => {
  const scores = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(scores, fc.integer({ min: 1, max: 20 }), async (scores, count) => {
      const items = scores.map((score, number) => ({ score, number }));
      const isWanted = ({ number }: { number: number }) => number % 7 !== 3;
      const sorted = items.filter(isWanted).sort((a, b) => b.score - a.score);
      const best = await bestItems(items, { count, scoreOf: ({ score }) => score, isWanted }, undefined);
      expect(best).toEqual(sorted.slice(0, count));
    }),
  );
});
