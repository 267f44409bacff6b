import { describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import { splitPeople } from '../../../../lib/training/head/split-people.ts';

describe('splitting people', () => {
  const labels = ['a', 'a', 'b', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'f', 'g', 'h'];

  test('holds out all faces of a person, and the same share of people with one face', () => {
    const { training, heldOut } = splitPeople(labels, 0.5, seeded(1));
    expect([...training, ...heldOut].sort((x, y) => x - y)).toEqual(labels.map((_, i) => i));
    const [a, b] = [training, heldOut].map((indices) => new Set(indices.map((index) => labels[index])));
    expect([...(a as Set<string>)].filter((label) => b?.has(label))).toEqual([]);
    expect([a?.size, b?.size]).toEqual([4, 4]);
  });

  test('requires two people with two faces on each side, or on one side when nobody is held out', () => {
    expect(() => splitPeople(['a', 'a', 'b', 'b', 'c', 'c', 'd'], 0.2, seeded(1))).toThrow(
      expect.objectContaining({ code: 'examples-too-few' }),
    );
    expect(splitPeople(['a', 'a', 'b', 'b', 'c'], 0, seeded(1))).toMatchObject({ heldOut: [] });
  });
});
