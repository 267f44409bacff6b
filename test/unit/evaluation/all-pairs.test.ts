import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import {
  allPairsFalseAcceptRate,
  allPairsValidation,
  countAccepts,
  falseAcceptRate,
  fitCalibration,
  type PhotoSet,
  rocCurve,
  type ScoredPair,
  thresholdAtFar,
  validationRate,
} from '../../../lib/evaluation/index.ts';

const distance = (a: number, b: number) => Math.abs(a - b);

/** A set of faces on a line, and their genuine pairs. @param people the positions of each person's faces. */
function line(people: Record<string, number[]>): PhotoSet<number> {
  const faces = Object.entries(people).flatMap(([person, own]) => own.map((embedding) => ({ person, embedding })));
  const genuine = Object.entries(people).flatMap(([person, own]) =>
    own.flatMap((a, i) => own.slice(i + 1).map((b) => ({ person, distance: distance(a, b) }))),
  );
  return { faces, genuine, distance };
}

/** All pairs of a set, listed. */
function scoredPairs({ faces, genuine }: PhotoSet<number>): ScoredPair[] {
  const impostors = faces.flatMap((a, i) =>
    faces
      .slice(i + 1)
      .filter((b) => b.person !== a.person)
      .map((b) => ({ same: false, distance: distance(a.embedding, b.embedding) })),
  );
  return [...genuine.map((pair) => ({ same: true, distance: pair.distance })), ...impostors];
}

/**
 * Simulated people: each one has a mean in the plane and a spread of its own, so that pairs with a person in common are
 * correlated.
 */
function simulated(people: number, photos: number, random: () => number): PhotoSet<[number, number]> {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const persons = Array.from({ length: people }, (_, i) => {
    const [x, y, spread] = [normal(), normal(), 0.05 + 0.15 * random()];
    const own = Array.from({ length: photos }, (): [number, number] => [x + spread * normal(), y + spread * normal()]);
    return { person: String(i), own };
  });
  const apart = (a: [number, number], b: [number, number]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  return {
    faces: persons.flatMap(({ person, own }) => own.map((embedding) => ({ person, embedding }))),
    genuine: persons.flatMap(({ person, own }) =>
      own.slice(1).map((face) => ({ person, distance: apart(own[0] as [number, number], face) })),
    ),
    distance: apart,
  };
}

describe('VAL among all impostor pairs', () => {
  test('equals a calculation by hand', () => {
    // The genuine pairs are at 1, 2.5 and 4. The nearest of the 25 impostor pairs are at 3, 4, 5.5, 6.5, 6.5, 6.5, 9, 10.5,
    // 10.5, 12, 13, 13 and 16. A rate of 0.4 permits 10 of them, so the two at 13 exceed it.
    const set = line({ a: [0, 1], b: [4, 6.5], c: [13, 17], d: [23.5], e: [100] });
    const far13 = { ...set, genuine: [...set.genuine, { person: 'c', distance: 13 }] };
    expect(allPairsValidation([far13], [0.4])[0]).toMatchObject({
      far: 0.4,
      impostorPairs: 25,
      validationRate: 3 / 4,
      thresholds: [13],
    });
    // A rate of 0.44 permits one of the two pairs at 13, so the genuine pair at 13 is half accepted.
    expect(allPairsValidation([far13], [0.44])[0]).toMatchObject({ validationRate: 3.5 / 4, thresholds: [13] });
    expect(allPairsValidation([far13], [0.48])[0]).toMatchObject({ validationRate: 1, thresholds: [16] });
  });

  test('has the value of the ROC curve at the rate, also between its points', () => {
    const random = seeded(5);
    // Rounding makes ties.
    const people = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [
        String(i),
        Array.from({ length: 3 }, () => i + Math.round(20 * random()) / 4),
      ]),
    );
    const rounded = line(people);
    const curve = rocCurve(scoredPairs(rounded));
    const fars = [0.02, 0.05, 0.1, 0.37, 0.8];
    const results = allPairsValidation([rounded], fars, 1);
    for (const { far, validationRate: value } of results) {
      const after = curve.findIndex((point) => point.falseAcceptRate > far);
      const [a, b] = [curve[after - 1], curve[after]] as [(typeof curve)[0], (typeof curve)[0]];
      const share = (far - a.falseAcceptRate) / (b.falseAcceptRate - a.falseAcceptRate);
      expect(value).toBeCloseTo(a.validationRate + share * (b.validationRate - a.validationRate), 12);
    }
  });

  test('agrees with thresholdAtFar() without ties', () => {
    const people = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => {
        const random = seeded(i);
        return [String(i), [random() * 9, random() * 9, random() * 9]];
      }),
    );
    const set = line(people);
    const pairs = scoredPairs(set);
    for (const far of [0.001, 0.01, 0.1]) {
      const expected = validationRate(countAccepts(pairs, thresholdAtFar(pairs, far)));
      // One genuine pair may lie between the two impostor pairs next to the rate.
      expect(Math.abs((allPairsValidation([set], [far], 1)[0]?.validationRate as number) - expected)).toBeLessThan(
        2 / set.genuine.length,
      );
    }
  });

  test('counts a pair without a face as rejected, and forms no impostor pairs with the photo', () => {
    const random = seeded(8);
    const all = simulated(30, 2, random);
    const [before] = allPairsValidation([all], [0.05], 1);
    const missing = { person: 'without a face', distance: Number.POSITIVE_INFINITY };
    const [after] = allPairsValidation([{ ...all, genuine: [...all.genuine, missing] }], [0.05], 1);
    expect(after?.impostorPairs).toBe(before?.impostorPairs);
    expect(after?.validationRate).toBeCloseTo(((before?.validationRate as number) * 30) / 31, 12);
  });

  test('has no value if fewer than ten false accepts are expected', () => {
    const { faces, genuine, distance } = simulated(20, 2, seeded(2));
    const results = allPairsValidation([{ faces, genuine, distance }], [1e-2, 0.05], 20);
    // 760 pairs.
    expect(results.map(({ validationRate }) => Number.isNaN(validationRate))).toEqual([true, false]);
    expect(results[0]).toMatchObject({ low: Number.NaN, high: Number.NaN });
  });

  test('of several sets has a threshold for each set and the share of all genuine pairs', () => {
    const [a, b] = [simulated(30, 2, seeded(1)), simulated(40, 3, seeded(2))];
    const [one] = allPairsValidation([a], [0.05], 1);
    const [other] = allPairsValidation([b], [0.05], 1);
    const [both] = allPairsValidation([a, b], [0.05], 50);
    const accepted = 30 * (one?.validationRate as number) + 80 * (other?.validationRate as number);
    expect(both?.validationRate).toBeCloseTo(accepted / 110, 12);
    expect(both?.thresholds).toEqual([...(one?.thresholds ?? []), ...(other?.thresholds ?? [])]);
    // The scale of the distances of a set does not matter.
    const scaled: typeof b = {
      ...b,
      genuine: b.genuine.map((pair) => ({ ...pair, distance: 8 * pair.distance })),
      distance: (x, y) => 8 * b.distance(x, y),
    };
    expect(allPairsValidation([a, scaled], [0.05], 50)[0]).toMatchObject({
      validationRate: both?.validationRate,
      low: both?.low,
      high: both?.high,
    });
  });
});

describe('interval by bootstrap over people', () => {
  test('covers the true VAL of simulated people about as often as stated', () => {
    const far = 0.02;
    const random = seeded(12);
    // The truth, from independent pairs.
    const impostors: number[] = [];
    const genuine: number[] = [];
    for (let i = 0; i < 100_000; i++) {
      const { faces, genuine: own, distance } = simulated(2, 2, random);
      impostors.push(distance(faces[0]?.embedding as [number, number], faces[2]?.embedding as [number, number]));
      genuine.push(own[0]?.distance as number);
    }
    const limit = impostors.sort((a, b) => a - b)[far * impostors.length] as number;
    const truth = genuine.filter((distance) => distance < limit).length / genuine.length;
    const trials = 120;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const [result] = allPairsValidation([simulated(60, 3, random)], [far], 200);
      if (result && result.low <= truth && truth <= result.high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.87);
    expect(covered / trials).toBeLessThan(0.995);
  });

  test('is the same in every call and encloses the value', () => {
    const set = simulated(50, 3, seeded(4));
    const results = allPairsValidation([set], [0.005, 0.02], 300);
    expect(allPairsValidation([set], [0.005, 0.02], 300)).toEqual(results);
    for (const { low, high, validationRate } of results) {
      expect(low).toBeLessThan(validationRate);
      expect(high).toBeGreaterThan(validationRate);
    }
  });

  test('is wider than if the pairs were independent, for people with many pairs', () => {
    const set = simulated(40, 8, seeded(6));
    const [result] = allPairsValidation([set], [0.02], 500);
    const { validationRate: value, low, high } = result as NonNullable<typeof result>;
    const independent = 2 * 1.96 * Math.sqrt((value * (1 - value)) / set.genuine.length);
    expect(high - low).toBeGreaterThan(1.3 * independent);
  });
});

describe('false-accept rate among all impostor pairs', () => {
  test('is the share of the pairs up to the threshold, over all sets', () => {
    const [a, b] = [line({ a: [0, 1], b: [3] }), line({ c: [0], d: [5], e: [7, 8] })];
    // Distances 3 and 2; 5, 7, 8, 2, 3.
    const { rate } = allPairsFalseAcceptRate(
      [
        { ...a, threshold: 2 },
        { ...b, threshold: 5 },
      ],
      1,
    );
    expect(rate).toBe((1 + 3) / 7);
  });

  test('covers the rate that a calibrated threshold was fitted for', () => {
    const fitted = simulated(400, 2, seeded(21));
    const { faces, distance } = fitted;
    const impostors = faces.flatMap((a, i) =>
      faces
        .slice(i + 1, i + 100)
        .filter((b) => b.person !== a.person)
        .map((b) => ({ same: false, distance: distance(a.embedding, b.embedding) })),
    );
    const { thresholds } = fitCalibration([...impostors, { same: true, distance: 0 }]);
    const threshold = thresholds.find(({ far }) => far === 0.01)?.distance as number;
    expect(falseAcceptRate(countAccepts(impostors, threshold))).toBeCloseTo(0.01, 4);
    const { rate, low, high } = allPairsFalseAcceptRate([{ ...simulated(200, 2, seeded(22)), threshold }]);
    expect(low).toBeLessThan(0.01);
    expect(high).toBeGreaterThan(0.01);
    expect(low).toBeLessThan(rate);
    expect(high).toBeGreaterThan(rate);
  });
});
