import { describe, expect, test } from 'vitest';
import { probabilityAt } from '../../../lib/comparison/calibration.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import {
  accuracy,
  areaUnderCurve,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  expectedCalibrationError,
  falseAcceptRate,
  fitCalibration,
  parsePairs,
  photoPath,
  rocCurve,
  type ScoredPair,
  thresholdAtFar,
  validationAtFar,
  validationRate,
  viewTwoAccuracy,
} from '../../../lib/evaluation/index.ts';

const pairs = (same: number[], different: number[]): ScoredPair[] => [
  ...same.map((distance) => ({ distance, same: true })),
  ...different.map((distance) => ({ distance, same: false })),
];

describe('rates at a threshold', () => {
  test('VAL is TA/|P_same| and FAR is FA/|P_diff|; a distance equal to the threshold is accepted', () => {
    const counts = countAccepts(pairs([0.1, 0.4, 0.5, 0.9], [0.5, 0.8]), 0.5);
    expect(counts).toEqual({ trueAccepts: 3, falseAccepts: 1, same: 4, different: 2 });
    expect(validationRate(counts)).toBe(0.75);
    expect(falseAcceptRate(counts)).toBe(0.5);
    expect(accuracy(counts)).toBeCloseTo(4 / 6, 12);
  });
});

describe('ROC curve', () => {
  const curve = rocCurve(pairs([1, 2, 4], [3, 5]));

  test('has a point for each distinct distance', () => {
    expect(curve.map(({ falseAcceptRate: far, validationRate: val }) => [far, val])).toEqual([
      [0, 0],
      [0, 1 / 3],
      [0, 2 / 3],
      [0.5, 2 / 3],
      [0.5, 1],
      [1, 1],
    ]);
  });

  test('has an area equal to the share of correctly ordered pairs', () => {
    // Five of the six (genuine, impostor) pairs are in order: all but (4, 3).
    expect(areaUnderCurve(curve)).toBeCloseTo(5 / 6, 12);
    const next = random(3);
    const same = Array.from({ length: 40 }, () => Math.round(next() * 20));
    const different = Array.from({ length: 30 }, () => Math.round(next() * 20 + 5));
    const wins = same.flatMap((s) => different.map((d) => (s < d ? 1 : s === d ? 0.5 : 0)));
    const expected = wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
    expect(areaUnderCurve(rocCurve(pairs(same, different)))).toBeCloseTo(expected, 12);
  });

  test('has its equal error rate at FAR = 1 − VAL', () => {
    expect(equalErrorRate(curve)).toBeCloseTo(1 / 3, 12);
    expect(equalErrorRate(rocCurve(pairs([1, 2], [3, 4])))).toBe(0);
    expect(equalErrorRate(rocCurve(pairs([3, 4], [1, 2])))).toBe(1);
  });
});

describe('thresholds', () => {
  test('bestThreshold() returns the midpoint of the widest gap among those with the highest accuracy', () => {
    expect(bestThreshold(pairs([1, 2], [4, 8]))).toBe(3);
    expect(bestThreshold(pairs([1, 5], [4, 9]))).toBe(7);
    expect(bestThreshold(pairs([], [4]))).toBeLessThan(4);
  });

  test('thresholdAtFar() interpolates between impostor distances', () => {
    const impostors = pairs([], [1, 2, 3, 4]);
    expect(thresholdAtFar(impostors, 0.25)).toBe(1);
    expect(thresholdAtFar(impostors, 0.5)).toBe(2);
    expect(thresholdAtFar(impostors, 0.375)).toBeCloseTo(1.5, 12);
    expect(thresholdAtFar(impostors, 0.1)).toBeLessThan(1);
    expect(thresholdAtFar(impostors, 1)).toBe(4);
  });
});

describe('View 2 protocol', () => {
  test('classifies each fold with the best threshold of the others', () => {
    const folded = [
      ...pairs([1, 2], [4, 5]).map((pair) => ({ ...pair, fold: 1 })),
      ...pairs([1, 3.5], [3.2, 6]).map((pair) => ({ ...pair, fold: 2 })),
    ];
    // Fold 2 with the threshold 3 of fold 1 rejects 3.5. Fold 1 with the threshold 4.75 of fold 2 accepts the impostor
    // at 4.
    const { mean, standardError, folds } = viewTwoAccuracy(folded);
    expect(folds).toEqual([0.75, 0.75]);
    expect(mean).toBe(0.75);
    expect(standardError).toBe(0);
  });

  test('validationAtFar() takes the threshold from the impostors of the other folds', () => {
    const folded = [1, 2].flatMap((fold) =>
      pairs(
        [1, 2, 3, 4].map((d) => d * fold),
        [3, 5, 7, 9],
      ).map((pair) => ({ ...pair, fold })),
    );
    const { mean, standardError, realisedFar } = validationAtFar(folded, 0.25);
    // At the threshold 3, fold 1 accepts three of four genuine pairs, fold 2 one, and both one of four impostor pairs.
    expect(mean).toBe(0.5);
    expect(standardError).toBeCloseTo(0.25, 12);
    expect(realisedFar).toBe(0.25);
  });
});

describe('calibration', () => {
  test('recovers the log-odds of the model that generated the pairs', () => {
    const next = random(7);
    const drawn = Array.from({ length: 40_000 }, () => {
      const distance = next() * 2;
      return { distance, same: next() < 1 / (1 + Math.exp(-(6 - 6 * distance))) };
    });
    const [a, b] = fitCalibration(drawn).logOdds;
    expect(a).toBeCloseTo(6, 0);
    expect(b).toBeCloseTo(-6, 0);
    const scored = drawn.map(({ distance, same }) => ({
      same,
      probability: probabilityAt(distance, { logOdds: [a, b], thresholds: [] }),
    }));
    expect(expectedCalibrationError(scored)).toBeLessThan(0.015);
  });

  test('expectedCalibrationError() is the weighted mean gap of the bins', () => {
    const scored = [
      { probability: 0.9, same: true },
      { probability: 0.9, same: false },
      { probability: 0.1, same: false },
      { probability: 0.1, same: false },
    ];
    // Two bins of equal size: 0.9 stated and 0.5 true, 0.1 stated and 0 true. The mean gap is (0.4 + 0.1) / 2.
    expect(expectedCalibrationError(scored, 10)).toBeCloseTo(0.25, 12);
  });

  test('fits only rates with at least ten impostor pairs below the threshold', () => {
    const next = random(9);
    const impostors = Array.from({ length: 1000 }, () => ({ distance: 1 + next(), same: false }));
    const { thresholds } = fitCalibration([...impostors, { distance: 0.5, same: true }]);
    expect(thresholds.map(({ far }) => far)).toEqual([0.1, 0.03, 0.01]);
    for (const { far, distance } of thresholds) {
      expect(falseAcceptRate(countAccepts(impostors, distance))).toBeCloseTo(far, 2);
    }
  });
});

describe('pairs.txt', () => {
  test('is parsed in LFW’s format, with one fold or several', () => {
    const one = parsePairs('1\nAda_Lovelace\t1\t12\nAda_Lovelace\t2\tAlan_Turing\t3\n');
    expect(one).toEqual([
      { fold: 1, same: true, a: { name: 'Ada_Lovelace', number: 1 }, b: { name: 'Ada_Lovelace', number: 12 } },
      { fold: 1, same: false, a: { name: 'Ada_Lovelace', number: 2 }, b: { name: 'Alan_Turing', number: 3 } },
    ]);
    const two = parsePairs('2\t1\nA\t1\t2\nA\t1\tB\t1\nC\t1\t2\nC\t1\tD\t1');
    expect(two.map(({ fold }) => fold)).toEqual([1, 1, 2, 2]);
    expect(photoPath({ name: 'Ada_Lovelace', number: 12 })).toBe('Ada_Lovelace/Ada_Lovelace_0012.jpg');
  });

  test.each(['', 'x\nA\t1\t2', '1\nA\t1\t2', '1\nA\t1\t2\nA\t1\tB', '1\nA\t1\t2\nA\tone\tB\t2'])(
    'throws a SyntaxError for malformed text: %j',
    (text) => {
      expect(() => parsePairs(text)).toThrow(SyntaxError);
    },
  );
});
