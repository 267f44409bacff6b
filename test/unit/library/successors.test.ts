import { beforeEach, describe, expect, test } from 'vitest';
import type { Box } from '../../../lib/core/types.ts';
import { successorsOf } from '../../../lib/library/people/successors.ts';
import type { FaceRow } from '../../../lib/library/storage/tables.ts';
import { InventedPeople, rule } from './embeddings.ts';

let people: InventedPeople;
let faces = 0;
beforeEach(() => {
  people = new InventedPeople(7, 4);
  faces = 0;
});

const [ada, bob, carl] = [0, 1, 2];
const comparison = { rule, generation: 1, within: 0.43, placeSuffices: true };
const box: Box = { x: 400, y: 200, width: 100, height: 100 };

/** A face of a person; of nobody: without an embedding. @param spread see {@link InventedPeople.embedding}. */
function face(person: number | undefined, at: Box, { spread = 0.3, generation = 1 } = {}): FaceRow {
  const embedding = person === undefined ? new Float32Array(rule.dimension) : people.embedding(person, spread);
  const described = { score: 0.9, quality: 0.8, model: rule.model, generation };
  return { number: faces++, photo: 1, box: at, embedding, ...described };
}

const photo = (shown: FaceRow[], width = 1000, height = 600) => ({ width, height, faces: shown });

describe('a face of a photo with other bytes', () => {
  test('is succeeded by no face of someone else at the same place', () => {
    const successors = successorsOf(photo([face(ada, box)]), photo([face(bob, box)]), comparison);
    expect([...successors]).toEqual([[0, undefined]]);
  });

  test.each<[string, Box, number, number]>([
    ['scaled', { x: 200, y: 100, width: 50, height: 50 }, 500, 300],
    ['cropped', { x: 100, y: 50, width: 100, height: 100 }, 400, 300],
    ['turned', { x: 200, y: 500, width: 100, height: 100 }, 600, 1000],
  ])('is succeeded by the same face of the photo when it was %s', (_, moved, width, height) => {
    const other = { x: 0, y: 0, width: 40, height: 40 };
    const present = photo([face(carl, other), face(ada, moved)], width, height);
    expect(successorsOf(photo([face(ada, box)]), present, comparison).get(2)).toBe(1);
  });

  test('is succeeded by the face at the same place of a scaled photo if one has no embedding to compare', () => {
    const scaled = { x: 200, y: 100, width: 50, height: 50 };
    const without = [face(undefined, box), face(ada, box, { generation: 0 })];
    for (const from of without) {
      const to = face(bob, scaled);
      expect(successorsOf(photo([from]), photo([to], 500, 300), comparison).get(from.number)).toBe(to.number);
    }
  });

  test('is succeeded by the face at the same place if both may be of one person', () => {
    const [from, to, elsewhere] = [box, box, { ...box, x: 0 }].map((at) => face(ada, at, { spread: 1 })) as [
      FaceRow,
      FaceRow,
      FaceRow,
    ];
    expect([...successorsOf(photo([from]), photo([elsewhere, to]), comparison)]).toEqual([[0, 1]]);
  });

  test('is succeeded by no face that is only at the same place, if the photos may be unrelated', () => {
    const unrelated = { ...comparison, placeSuffices: false };
    const similar = [face(ada, box, { spread: 1 }), face(undefined, box), face(ada, box, { generation: 0 })];
    for (const from of similar) {
      const present = photo([face(ada, box, { spread: 1 })]);
      expect(successorsOf(photo([from]), present, comparison).get(from.number)).toBeDefined();
      expect(successorsOf(photo([from]), present, unrelated).get(from.number)).toBeUndefined();
    }
    const [from, to] = [face(ada, box), face(ada, { ...box, x: 0 })];
    expect(successorsOf(photo([from]), photo([to]), unrelated).get(from.number)).toBe(to.number);
  });

  test('is succeeded by the face at its place if others of the photo look the same, and each by one', () => {
    const places = [0, 300, 600].map((x) => ({ ...box, x }));
    const [old, present] = [places.map((at) => face(ada, at)), places.map((at) => face(ada, at))];
    const successors = successorsOf(photo(old), photo([...present].reverse().slice(0, 2)), comparison);
    expect([...successors].sort()).toEqual([
      [0, undefined],
      [1, 4],
      [2, 5],
    ]);
  });
});

test('a face of a photo with the same bytes is succeeded by the one at its place', () => {
  const moved = { ...box, x: 0 };
  const present = photo([face(ada, moved), face(bob, box)]);
  expect([...successorsOf(photo([face(ada, box)]), present)]).toEqual([[2, 1]]);
});
