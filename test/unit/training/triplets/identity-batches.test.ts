import { describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import { identityBatches } from '../../../../lib/training/triplets/identity-batches.ts';

describe('batches of P people with K faces each', () => {
  const labels = [...'aaaabbbbccccddddee'];
  const take = (count: number, options: Parameters<typeof identityBatches>[1]) => {
    const batches = identityBatches(labels, options);
    return Array.from({ length: count }, () => batches.next().value as number[]);
  };

  test('have K faces of P people and the other faces, without duplicates', () => {
    for (const batch of take(50, { people: 3, faces: 4, others: 2, random: seeded(2) })) {
      expect(new Set(batch).size).toBe(14);
      const shown = batch.map((place) => labels[place]);
      for (let person = 0; person < 3; person++) {
        expect(new Set(shown.slice(person * 4, person * 4 + 4)).size).toBe(1);
      }
      expect(new Set(shown.slice(0, 12)).size).toBe(3);
      for (const other of shown.slice(12)) expect(shown.slice(0, 12)).not.toContain(other);
    }
  });

  test('draw all people and all faces before repeating any', () => {
    const generator = identityBatches(labels.slice(0, 16), { people: 2, faces: 2 });
    const batches = Array.from({ length: 4 }, () => generator.next().value as number[]);
    // Two batches have all four people, and four batches all sixteen faces.
    expect(
      new Set(
        batches
          .slice(0, 2)
          .flat()
          .map((place) => labels[place]),
      ).size,
    ).toBe(4);
    expect(new Set(batches.flat()).size).toBe(16);
  });

  test('use people with too few faces only as others', () => {
    expect(
      take(20, { people: 4, faces: 3 })
        .flat()
        .map((place) => labels[place]),
    ).not.toContain('e');
    expect(take(1, { people: 4, faces: 4, others: 2 })[0]?.slice(16).sort()).toEqual([16, 17]);
  });

  test('are the same for the same seed', () => {
    const some = (seed: number) => take(3, { people: 2, faces: 2, random: seeded(seed) });
    expect(some(4)).toEqual(some(4));
    expect(some(4)).not.toEqual(some(5));
  });

  test('reject invalid options', () => {
    for (const options of [
      { people: 1, faces: 2 },
      { people: 2, faces: 1 },
      { people: 2.5, faces: 2 },
      { people: 5, faces: 3 },
      { people: 2, faces: 2, others: -1 },
      { people: 4, faces: 4, others: 3 },
    ]) {
      expect(() => identityBatches(labels, options)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
  });
});
