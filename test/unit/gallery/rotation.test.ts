import { describe, expect, test } from 'vitest';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import { TemplateKey } from '../../../lib/gallery/crypto/rotation.ts';
import { Synthetic } from '../../support/synthetic.ts';

describe('Rotation', () => {
  const key = (fill: number) => TemplateKey.from(new Uint8Array(32).fill(fill));

  test('preserves distances and can be undone', async () => {
    for (const dimension of [1, 2, 3, 128, 512]) {
      const rotation = await (await key(1)).rotation(dimension);
      const synthetic = new Synthetic(dimension);
      const [a, b] = [synthetic.person(dimension), synthetic.person(dimension)];
      expect(euclideanDistance(rotation.apply(a), rotation.apply(b))).toBeCloseTo(euclideanDistance(a, b), 6);
      expect(euclideanDistance(rotation.undo(rotation.apply(a)), a)).toBeLessThan(1e-6);
    }
  });

  test('is determined by the key, and embeddings of different keys do not match', async () => {
    const embedding = new Synthetic().person();
    const [first, same, other] = await Promise.all(
      [key(1), key(1), key(2)].map(async (each) => (await (await each).rotation(128)).apply(embedding)),
    );
    if (!first || !same || !other) throw new Error('A rotation is missing.');
    expect(first).toEqual(same);
    expect(euclideanDistance(first, other)).toBeGreaterThan(1);
    expect(euclideanDistance(first, embedding)).toBeGreaterThan(1);
    expect((await key(1)).matches((await key(1)).check)).toBe(true);
    expect((await key(1)).matches((await key(2)).check)).toBe(false);
  });

  test('maps a direction uniformly onto the sphere', async () => {
    // Over many keys the rotated first axis has mean zero, and each squared element has mean 1/4.
    const axis = new Float32Array(4);
    axis[0] = 1;
    const sums = [0, 0, 0, 0];
    const squares = [0, 0, 0, 0];
    const keys = 400;
    for (let i = 0; i < keys; i++) {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, i);
      const rotated = (await (await TemplateKey.from(bytes)).rotation(4)).apply(axis);
      rotated.forEach((value, j) => {
        sums[j] = (sums[j] as number) + value / keys;
        squares[j] = (squares[j] as number) + value ** 2 / keys;
      });
    }
    for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(0.1);
    for (const square of squares) expect(square).toBeCloseTo(0.25, 1);
  });
});
