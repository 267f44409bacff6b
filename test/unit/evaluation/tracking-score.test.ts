import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import { bestAssignment } from '../../../lib/evaluation/assignment.ts';
import { type ScoredFrame, trackingScore } from '../../../lib/evaluation/tracking-score.ts';

const at = (id: number | string, x: number) => ({ id, box: { x, y: 0, width: 100, height: 100 } });
/** Frames with one true face, `a`, and the ids of the boxes at its place. */
const framesOf = (...ids: (number | undefined)[]): ScoredFrame[] =>
  ids.map((id) => ({ truth: [at('a', 0)], tracked: id === undefined ? [] : [at(id, 5)] }));

/** The largest sum over all permutations of the columns. */
function bruteForce(weights: readonly (readonly number[])[], row = 0, used: readonly number[] = []): number {
  if (row === weights.length) return 0;
  const columns = (weights[row] as number[]).map((weight, column) =>
    used.includes(column) ? 0 : weight + bruteForce(weights, row + 1, [...used, column]),
  );
  return Math.max(bruteForce(weights, row + 1, used), ...columns);
}

test.each([
  [1, 1],
  [2, 3],
  [4, 2],
  [5, 5],
  [3, 6],
])('bestAssignment finds the largest sum of %d rows and %d columns', (rows, columns) => {
  const next = seeded(rows * 10 + columns);
  for (let round = 0; round < 20; round++) {
    const weights = Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.floor(next() * 10)));
    const assigned = bestAssignment(weights);
    const chosen = assigned.filter((column) => column !== undefined);
    expect(new Set(chosen).size).toBe(chosen.length);
    const sum = assigned.reduce<number>(
      (total, column, row) => total + (column === undefined ? 0 : ((weights[row] as number[])[column] as number)),
      0,
    );
    expect(sum).toBe(bruteForce(weights));
  }
});

describe('trackingScore', () => {
  test('is perfect for one id per face', () => {
    const frames = [0, 10, 20].map((x) => ({ truth: [at('a', x), at('b', 300)], tracked: [at(7, x), at(3, 300)] }));
    expect(trackingScore(frames)).toEqual({
      ...{ idf1: 1, mota: 1, switches: 0, fragments: 0, falseTracks: 0, trueBoxes: 6, misses: 0, falseBoxes: 0 },
    });
  });

  test('counts a new id as a switch, and its boxes as wrong identities', () => {
    // The best assignment is id 1 with four boxes of ten true and ten tracked ones: 2 · 6 / 20.
    const score = trackingScore(framesOf(1, 1, 1, 1, 1, 1, 2, 2, 2, 2));
    expect(score).toMatchObject({ idf1: 0.6, mota: 0.9, switches: 1, fragments: 0, falseTracks: 0 });
  });

  test('counts a gap as misses and as a fragment', () => {
    // Eight of ten true boxes: 2 · 8 / 18.
    const score = trackingScore(framesOf(1, 1, 1, undefined, undefined, 1, 1, 1, 1, 1));
    expect(score).toMatchObject({ mota: 0.8, switches: 0, fragments: 1, misses: 2 });
    expect(score.idf1).toBeCloseTo(16 / 18, 10);
  });

  test('counts two faces whose ids are exchanged as two switches', () => {
    const frames = Array.from({ length: 10 }, (_, i) => ({
      truth: [at('a', 0), at('b', 300)],
      tracked: i < 8 ? [at(1, 0), at(2, 300)] : [at(2, 0), at(1, 300)],
    }));
    // 16 of 20 boxes have the right id.
    expect(trackingScore(frames)).toMatchObject({ idf1: 0.8, mota: 0.9, switches: 2 });
  });

  test('counts boxes without a face as false, and their ids as false tracks', () => {
    const frames = framesOf(1, 1, 1, 1).map(({ truth, tracked }, i) => ({
      truth,
      tracked: i < 2 ? [...tracked, at(9, 300)] : tracked,
    }));
    expect(trackingScore(frames)).toMatchObject({ idf1: 0.8, mota: 0.5, falseTracks: 1, falseBoxes: 2 });
  });

  test('does not match boxes that overlap less than minOverlap', () => {
    // The intersection over union is 60 / 140.
    const frames = [{ truth: [at('a', 0)], tracked: [at(1, 40)] }];
    expect(trackingScore(frames)).toMatchObject({ idf1: 0, mota: -1, misses: 1, falseBoxes: 1 });
    expect(trackingScore(frames, { minOverlap: 0.4 })).toMatchObject({ idf1: 1, mota: 1 });
  });

  test('keeps the match of the previous frame while another box is nearer', () => {
    const frames = [
      { truth: [at('a', 0)], tracked: [at(1, 0)] },
      { truth: [at('a', 0)], tracked: [at(1, 20), at(2, 0)] },
    ];
    expect(trackingScore(frames)).toMatchObject({ switches: 0, falseBoxes: 1 });
  });

  test('neither requires nor counts boxes of ignored faces', () => {
    const frames = [
      { truth: [{ ...at('a', 0), ignored: true }, at('b', 300)], tracked: [at(1, 0), at(2, 300)] },
      { truth: [{ ...at('a', 0), ignored: true }, at('b', 300)], tracked: [at(2, 300)] },
    ];
    expect(trackingScore(frames)).toMatchObject({ idf1: 1, mota: 1, trueBoxes: 2, misses: 0, falseBoxes: 0 });
  });

  test('handles videos without faces', () => {
    expect(trackingScore([])).toMatchObject({ idf1: 1, mota: Number.NaN });
    expect(trackingScore([{ truth: [], tracked: [at(1, 0)] }])).toMatchObject({ idf1: 0, falseTracks: 1 });
  });

  test.each([0, -1, 1.5, Number.NaN])('rejects minOverlap %d', (minOverlap) => {
    expect(() => trackingScore([], { minOverlap })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });
});
