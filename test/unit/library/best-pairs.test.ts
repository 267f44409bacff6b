import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BestPairs } from '../../../lib/library/people/best-pairs.ts';
import type { Pair } from '../../../lib/library/people/near-pairs.ts';

const person = fc.integer({ min: 1, max: 12 });
const links = fc.array(fc.tuple(person, person, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 300 });
/** Sizes of people, as the gain of a question depends on them. */
const weight = (person: number) => 1 + (person % 4);
const scoreOf = ({ a, b, distance }: Pair) => Math.exp(-5 * distance) * weight(a) * weight(b);
const isWanted = ({ a, b }: Pair) => (a + b) % 7 !== 3;

test('the best pairs are the first ones of all wanted ones, by their nearest links', () => {
  fc.assert(
    fc.property(links, fc.integer({ min: 1, max: 20 }), (links, count) => {
      const given = links.flatMap(([a, b, distance], i): Pair[] =>
        a === b ? [] : [{ a, b, nearest: [1000 * a + i, 1000 * b + i], distance }],
      );
      const nearest = new Map<string, Pair>();
      for (const link of given) {
        const key = [link.a, link.b].sort().join();
        const known = nearest.get(key);
        if (isWanted(link) && (!known || link.distance < known.distance)) nearest.set(key, link);
      }
      const expected = [...nearest.values()].map(scoreOf).sort((a, b) => b - a);

      const best = new BestPairs({ count, scoreOf, isWanted });
      for (const link of given) best.offer({ ...link });
      const pairs = best.pairs();
      expect(pairs.map(scoreOf)).toEqual(expected.slice(0, count));
      for (const { a, b, nearest: faces, distance } of pairs) {
        expect(faces.map((face) => Math.floor(face / 1000))).toEqual([a, b]);
        expect(nearest.get([a, b].sort().join())?.distance).toBe(distance);
      }
    }),
  );
});
