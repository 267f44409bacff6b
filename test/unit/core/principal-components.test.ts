import { describe, expect, test } from 'vitest';
import { explainedVariance, principalComponents } from '../../../lib/core/principal-components.ts';
import { seeded } from '../../../lib/core/random.ts';

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

describe('principal components', () => {
  test('are the axes of greatest variance, in decreasing order, with their shares of it', () => {
    const random = seeded(8);
    const vectors = Array.from({ length: 300 }, () => [normal(random), 9 * normal(random), 3 * normal(random), 5]);
    const components = principalComponents(vectors, 2, random);
    const { axes, mean } = components;
    const explained = explainedVariance(vectors, components);
    const [first, second] = axes as [Float64Array, Float64Array];
    expect(Math.abs(first[1] as number)).toBeGreaterThan(0.99);
    expect(Math.abs(second[2] as number)).toBeGreaterThan(0.99);
    expect(first[3]).toBeCloseTo(0, 9);
    expect(mean[3]).toBeCloseTo(5, 9);
    // Variances of 81, 9 and 1.
    expect(explained[0]).toBeCloseTo(81 / 91, 1);
    expect(explained[1]).toBeCloseTo(9 / 91, 1);
  });

  test('keep the sign of each axis after a warm start', () => {
    const random = seeded(8);
    const vectors = Array.from({ length: 100 }, () => [normal(random), 9 * normal(random), 3 * normal(random)]);
    const { axes } = principalComponents(vectors, 2, random);
    const negated = axes.map((axis) => axis.map((value) => -value));
    principalComponents(vectors, 2, negated).axes.forEach((axis, i) => {
      axis.forEach((value, j) => {
        expect(value).toBeCloseTo(-(axes[i]?.[j] as number), 6);
      });
    });
  });

  test('are orthonormal for vectors without variance', () => {
    const components = principalComponents([[1, 2, 3]], 3, seeded(1));
    const { axes } = components;
    expect(axes.map((axis) => Math.round(Math.hypot(...axis)))).toEqual([1, 1, 1]);
    expect(explainedVariance([[1, 2, 3]], components)).toEqual([0, 0, 0]);
  });
});
