import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import { contrastiveObjective } from '../../../../lib/training/head/contrastive-objective.ts';
import { cosineObjective } from '../../../../lib/training/head/cosine-objective.ts';
import type { ComputeObjective } from '../../../../lib/training/head/objective.ts';
import { countNumbers, project, projectionGradient, projectionOf } from '../../../../lib/training/head/projection.ts';
import { tripletObjective } from '../../../../lib/training/head/triplet-objective.ts';
import { selectTriplets } from '../../../../lib/training/index.ts';
import { contrastiveLoss, largeMarginCosineLoss, tripletLoss } from '../../../../lib/training/triplets/losses.ts';
import { normal, unitVector } from './noisy-people.ts';

beforeAll(() => tf.setBackend('cpu'));

const distance = (a: ArrayLike<number> = [], b: ArrayLike<number> = []) =>
  Math.hypot(...Array.from(a, (value, i) => value - (b[i] as number)));

describe('gradients of the head', () => {
  const labels = [0, 0, 0, 1, 1, 2, 2, 3];
  const shapes = [
    { inputs: 6, outputs: 6, hidden: 0 },
    { inputs: 6, outputs: 3, hidden: 4 },
    { inputs: 4, outputs: 7, hidden: 5 },
  ];
  /** A head with random parameters, so that none of them has a gradient of 0 by construction. */
  const randomProjection = (shape: (typeof shapes)[number], random: () => number) =>
    projectionOf(
      shape,
      Float64Array.from({ length: countNumbers(shape) }, () => normal(random)),
    );
  const vectorsOf = (inputs: number, random: () => number) =>
    labels.map(() => unitVector(Array.from({ length: inputs }, () => normal(random))));

  const objectives: [string, (units: Float64Array[]) => ComputeObjective][] = [
    ['triplet, hardest', () => tripletObjective({ mining: { negatives: 'hardest' }, margin: 0.5 }, seeded(1))],
    ['triplet, random', () => tripletObjective({ mining: { negatives: 'random' }, margin: 2 }, () => 0)],
    ['contrastive', () => contrastiveObjective(1.7)],
    ['large-margin cosine', (units) => cosineObjective(units, labels, 0.3).compute],
  ];

  test.each(objectives)('match finite differences: %s', (_, make) => {
    for (const shape of shapes) {
      const random = seeded(9);
      const projection = randomProjection(shape, random);
      const vectors = vectorsOf(shape.inputs, random);
      const compute = make(project(projection, vectors).units);
      const lossAt = (numbers: Float64Array) =>
        compute(project(projectionOf(shape, numbers), vectors).units, labels).loss;
      const projected = project(projection, vectors);
      const { loss, gradients } = compute(projected.units, labels);
      expect(loss).toBeGreaterThan(0);
      const gradient = projectionGradient(projection, vectors, projected, gradients);
      const step = 1e-6;
      gradient.forEach((slope, i) => {
        const [up, down] = [projection.numbers.slice(), projection.numbers.slice()];
        up[i] = (up[i] as number) + step;
        down[i] = (down[i] as number) - step;
        expect(slope).toBeCloseTo((lossAt(up) - lossAt(down)) / (2 * step), 5);
      });
    }
  });

  test('match finite differences with respect to the person directions', () => {
    const random = seeded(4);
    const units = vectorsOf(5, random).map((vector) => Float64Array.from(vector));
    const { compute, directions } = cosineObjective(units, labels, 0.3);
    for (const { vector } of directions) for (let i = 0; i < 5; i++) vector[i] = normal(random);
    compute(units, labels);
    const gradients = directions.map(({ gradient }) => gradient.slice());
    directions.forEach(({ vector }, person) => {
      for (let i = 0; i < 5; i++) {
        const value = vector[i] as number;
        const [up, down] = [1e-6, -1e-6].map((step) => {
          vector[i] = value + step;
          return compute(units, labels).loss;
        }) as [number, number];
        vector[i] = value;
        expect(gradients[person]?.[i]).toBeCloseTo((up - down) / 2e-6, 5);
      }
    });
  });

  test('belong to losses that equal the TensorFlow.js implementations', async () => {
    const random = seeded(2);
    const vectors = vectorsOf(6, random);
    const units = vectors.map((vector) => Float64Array.from(vector));
    const rows = tf.tensor2d(vectors.map((vector) => [...vector]));
    const number = async (loss: { data(): Promise<ArrayLike<number>> }) => (await loss.data())[0] as number;

    const triplets = selectTriplets(vectors, labels, { negatives: 'hardest', margin: 0.4 });
    const triplet = tripletObjective({ mining: { negatives: 'hardest' }, margin: 0.4 }, random)(units, labels);
    expect(triplet.loss).toBeCloseTo(
      (await number(tripletLoss(tf, rows, triplets, { margin: 0.4 }))) / triplets.length,
      5,
    );

    // One same-person pair, and two different-person pairs of which only the closest counts.
    const [two, twoLabels] = [units.slice(0, 3), [0, 0, 1]];
    const pairs = [{ a: 0, b: 1, same: true }, [0, 2], [1, 2]] as const;
    const near = [pairs[1], pairs[2]].sort(
      (x, y) => distance(two[x[0]], two[x[1]]) - distance(two[y[0]], two[y[1]]),
    )[0] as readonly [number, number];
    const contrastive = contrastiveLoss(tf, rows, [pairs[0], { a: near[0], b: near[1], same: false }]);
    expect(contrastiveObjective()(two, twoLabels).loss).toBeCloseTo((await number(contrastive)) / 2, 5);

    const { compute, directions } = cosineObjective(units, labels, 0.35);
    const people = tf.transpose(tf.tensor2d(directions.map(({ vector }) => [...vector])));
    const cosine = largeMarginCosineLoss(tf, rows, people as tf.Tensor2D, labels, { scale: 16, margin: 0.35 });
    expect(compute(units, labels).loss).toBeCloseTo(await number(cosine), 4);
  });
});
