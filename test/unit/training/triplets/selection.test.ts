import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import {
  OfflineSelection,
  type SelectionOptions,
  selectTriplets,
} from '../../../../lib/training/triplets/selection.ts';
import { countTriplets, type PersonLabel, type Triplet } from '../../../../lib/training/triplets/triplets.ts';
import { Synthetic } from '../../../support/synthetic.ts';

/** One-dimensional embeddings, so that distances can be computed by hand. */
const line = (...places: number[]) => places.map((place) => Float32Array.of(place));
const triplet = (anchor: number, positive: number, negative: number): Triplet => ({ anchor, positive, negative });

/** Selection by definition: enumerates all triplets, then filters. */
function bruteForce(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
  { positives = 'all', negatives = 'semi-hard', margin = 0.2 }: SelectionOptions,
): Triplet[] {
  const places = labels.map((_, i) => i);
  const distance = (i: number, j: number) =>
    [...(embeddings[i] as Float32Array)].reduce((sum, x, k) => sum + (x - (embeddings[j]?.[k] as number)) ** 2, 0);
  const valid = places.flatMap((anchor) =>
    places.flatMap((positive) =>
      places
        .filter((n) => anchor !== positive && labels[anchor] === labels[positive] && labels[anchor] !== labels[n])
        .map((negative) => triplet(anchor, positive, negative)),
    ),
  );
  const near = ({ anchor, positive }: Triplet) => distance(anchor, positive);
  const far = ({ anchor, negative }: Triplet) => distance(anchor, negative);
  const candidates = valid.filter(
    (t) =>
      (positives === 'all' || !valid.some((o) => o.anchor === t.anchor && near(o) > near(t))) &&
      (negatives !== 'semi-hard' || (near(t) < far(t) && far(t) < near(t) + margin)),
  );
  return candidates.filter(
    (t) =>
      negatives === 'random' ||
      !candidates.some((o) => o.anchor === t.anchor && o.positive === t.positive && far(o) < far(t)),
  );
}

/** Faces of up to four people, with some negatives closer than positives. */
const labelled = fc
  .record({ seed: fc.integer({ min: 1 }), labels: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 14 }) })
  .map(({ seed, labels }) => {
    const synthetic = new Synthetic(seed);
    const people = [0, 1, 2, 3].map(() => synthetic.person(8));
    return { labels, embeddings: labels.map((label) => synthetic.near(people[label] as Float32Array, 1.2)) };
  });

describe('selection within a mini-batch', () => {
  // Person a at 0, 1 and 3; person b at 1.5 and 5.
  const embeddings = line(0, 1, 3, 1.5, 5);
  const labels = ['a', 'a', 'a', 'b', 'b'];

  test('selects the hardest negative for each anchor–positive pair', () => {
    expect(selectTriplets(embeddings, labels, { negatives: 'hardest' })).toEqual([
      triplet(0, 1, 3),
      triplet(0, 2, 3),
      triplet(1, 0, 3),
      triplet(1, 2, 3),
      triplet(2, 0, 3),
      triplet(2, 1, 3),
      triplet(3, 4, 1),
      triplet(4, 3, 2),
    ]);
  });

  test('selects the hardest positive and the hardest negative of each anchor', () => {
    expect(selectTriplets(embeddings, labels, { positives: 'hardest', negatives: 'hardest' })).toEqual([
      triplet(0, 2, 3),
      triplet(1, 2, 3),
      triplet(2, 0, 3),
      triplet(3, 4, 1),
      triplet(4, 3, 2),
    ]);
  });

  test('selects semi-hard negatives, which are farther than the positive by less than the margin', () => {
    // Squared distances: 0–1 is 1, 0–3 is 2.25; 1–3 is 0.25; 2–3 is 2.25, 2–4 is 4, 2–1 is 4, 2–0 is 9; 3–4 is 12.25.
    expect(selectTriplets(embeddings, labels, { margin: 1.25 })).toEqual([]);
    expect(selectTriplets(embeddings, labels, { margin: 1.26 })).toEqual([triplet(0, 1, 3)]);
    // Face 2 with the positive 1 has no semi-hard negative, because its negative at distance 4 is not farther than 4.
    expect(selectTriplets(embeddings, labels, { margin: 100 })).toEqual([
      triplet(0, 1, 3),
      triplet(0, 2, 4),
      triplet(1, 0, 4),
      triplet(1, 2, 4),
      triplet(4, 3, 1),
    ]);
  });

  test('selects random negatives uniformly from other people, reproducibly for a seed', () => {
    const faces = line(0, 1, 2, 3, 4);
    const people = ['a', 'a', 'b', 'c', 'd'];
    const random = seeded(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 600; i++) {
      for (const { negative } of selectTriplets(faces, people, { negatives: 'random', random })) {
        counts[negative] = (counts[negative] as number) + 1;
      }
    }
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    for (const count of counts.slice(2)) expect(count / 1200).toBeCloseTo(1 / 3, 1);
    const again = () => selectTriplets(faces, people, { negatives: 'random', random: seeded(5) });
    expect(again()).toEqual(again());
  });

  test('selects no triplet for a person with one face, or without other people', () => {
    expect(selectTriplets(line(0, 1), ['a', 'b'], { negatives: 'hardest' })).toEqual([]);
    expect(selectTriplets(line(0, 1), ['a', 'a'], { negatives: 'hardest' })).toEqual([]);
    expect(selectTriplets(line(0, 1), ['a', 'a'], { negatives: 'random' })).toEqual([]);
    expect(selectTriplets([], [])).toEqual([]);
  });

  test.each([
    { positives: 'all', negatives: 'semi-hard' },
    { positives: 'all', negatives: 'hardest' },
    { positives: 'hardest', negatives: 'semi-hard', margin: 0.5 },
    { positives: 'hardest', negatives: 'hardest' },
  ] as const)('equals a brute-force search: %o', (options) => {
    fc.assert(
      fc.property(labelled, ({ embeddings, labels }) => {
        expect(selectTriplets(embeddings, labels, options)).toEqual(bruteForce(embeddings, labels, options));
      }),
    );
  });

  test('random selection returns one valid triplet for each anchor–positive pair', () => {
    fc.assert(
      fc.property(labelled, ({ embeddings, labels }) => {
        const options = { negatives: 'random' } as const;
        const valid = bruteForce(embeddings, labels, options);
        const selected = selectTriplets(embeddings, labels, options);
        for (const t of selected) expect(valid).toContainEqual(t);
        const pairs = (list: Triplet[]) => new Set(list.map(({ anchor, positive }) => `${anchor} ${positive}`));
        expect(pairs(selected)).toEqual(pairs(valid));
        expect(selected).toHaveLength(pairs(valid).size);
      }),
    );
  });

  test('rejects invalid options and embeddings', () => {
    for (const call of [
      () => selectTriplets(line(0), []),
      () => selectTriplets([Float32Array.of(1), Float32Array.of(1, 2)], ['a', 'a']),
      () => selectTriplets(line(0), ['a'], { margin: -1 }),
      () => selectTriplets(line(0), ['a'], { negatives: 'soft' as 'random' }),
      () => selectTriplets(line(0), ['a'], { positives: 'some' as 'all' }),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
  });
});

describe('triplet counts', () => {
  test('distinguish hard, semi-hard and all triplets', () => {
    // Squared distances with a at 0 and 1 and b at 1.4: positive 1 and negative 1.96 from 0, positive 1 and negative 0.16 from 1.
    const [faces, people] = [line(0, 1, 1.4), ['a', 'a', 'b']];
    expect(countTriplets(faces, people)).toEqual({ valid: 2, hard: 1, semiHard: 0, active: 1 });
    expect(countTriplets(faces, people, 1)).toEqual({ valid: 2, hard: 1, semiHard: 1, active: 2 });
    // A negative at the same distance as the positive is hard.
    expect(countTriplets(line(0, 1, -1), people)).toEqual({ valid: 2, hard: 1, semiHard: 0, active: 1 });
  });

  test('equal those of a brute-force search', () => {
    fc.assert(
      fc.property(labelled, ({ embeddings, labels }) => {
        const valid = bruteForce(embeddings, labels, { negatives: 'random' });
        const gap = ({ anchor, positive, negative }: Triplet) => {
          const to = (place: number) =>
            (embeddings[anchor] as Float32Array).reduce(
              (sum, x, i) => sum + (x - (embeddings[place]?.[i] as number)) ** 2,
              0,
            );
          return to(negative) - to(positive);
        };
        const hard = valid.filter((t) => gap(t) <= 0).length;
        const active = valid.filter((t) => gap(t) < 0.2).length;
        expect(countTriplets(embeddings, labels)).toEqual({
          valid: valid.length,
          hard,
          semiHard: active - hard,
          active,
        });
      }),
    );
  });
});

describe('selection over the whole training set', () => {
  const labels = ['a', 'a', 'b', 'b'];

  test('embeds the training set again after the given number of steps, and keeps its triplets in between', async () => {
    const states = [line(0, 1, 2, 3), line(0, 3, 1, 2)];
    let embedded = 0;
    const selection = new OfflineSelection(labels, async () => states[embedded++] ?? [], {
      every: 3,
      negatives: 'hardest',
    });
    const first = await selection.at(0);
    expect(first).toEqual(selectTriplets(states[0] as Float32Array[], labels, { negatives: 'hardest' }));
    expect(await selection.at(1)).toBe(first);
    expect(await selection.at(2)).toBe(first);
    expect(embedded).toBe(1);
    expect(await selection.at(3)).toEqual(
      selectTriplets(states[1] as Float32Array[], labels, { negatives: 'hardest' }),
    );
    await selection.at(5);
    expect(embedded).toBe(2);
  });

  test('keeps its triplets when aborted', async () => {
    const controller = new AbortController();
    const embedAll = async () => line(0, 1, 2, 3);
    const selection = new OfflineSelection(labels, embedAll, { every: 1, negatives: 'hardest' });
    const first = await selection.at(0);
    controller.abort('enough');
    await expect(selection.at(1, controller)).rejects.toBe('enough');
    expect(await selection.at(1)).toEqual(first);
  });

  test('rejects invalid options and embeddings', async () => {
    expect(() => new OfflineSelection(labels, async () => [], { every: 0 })).toThrow('every');
    expect(() => new OfflineSelection(labels, async () => [], { every: 1, margin: 0 })).toThrow('margin');
    await expect(new OfflineSelection(labels, async () => [], { every: 1 }).at(0)).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});
