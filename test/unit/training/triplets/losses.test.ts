import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import {
  contrastiveLoss,
  type LabelledRows,
  largeMarginCosineLoss,
  tripletLoss,
} from '../../../../lib/training/triplets/losses.ts';
import type { Triplet } from '../../../../lib/training/triplets/triplets.ts';

beforeAll(() => tf.setBackend('cpu'));

type Matrix = readonly (readonly number[])[];
type Loss = (faces: Matrix) => number;

const random = seeded(7);
const matrix = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => 2 * random() - 1));

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const unit = (a: readonly number[]) => a.map((value) => value / Math.sqrt(dot(a, a)));
const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0);
const row = (faces: Matrix, i: number) => unit(faces[i] as readonly number[]);

/** The losses in double precision, as defined in the papers. */
const references = {
  triplet:
    (triplets: readonly Triplet[], margin: number): Loss =>
    (faces) =>
      triplets.reduce((sum, { anchor, positive, negative }) => {
        const [a, p, n] = [row(faces, anchor), row(faces, positive), row(faces, negative)];
        return sum + Math.max(0, squared(a, p) - squared(a, n) + margin);
      }, 0),
  contrastive:
    (pairs: readonly LabelledRows[], margin: number): Loss =>
    (faces) =>
      pairs.reduce((sum, { a, b, same }) => {
        const distance = Math.sqrt(squared(row(faces, a), row(faces, b)));
        return sum + (same ? distance ** 2 : Math.max(0, margin - distance) ** 2) / 2;
      }, 0),
  /** @param people one row per person. */
  cosine:
    (people: Matrix, labels: readonly number[], scale: number, margin: number): Loss =>
    (faces) =>
      faces.reduce((sum, _, i) => {
        const own = labels[i] as number;
        const logits = people.map((_, j) => scale * (dot(row(faces, i), row(people, j)) - (j === own ? margin : 0)));
        const all = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        return sum - Math.log(Math.exp(logits[own] as number) / all) / faces.length;
      }, 0),
};

/** The gradient by central finite differences. */
function differences(loss: Loss, at: Matrix): number[] {
  const step = 1e-5;
  return at.flatMap((values, i) =>
    values.map((_, j) => {
      const moved = (by: number) => at.map((r, k) => r.map((value, l) => (k === i && l === j ? value + by : value)));
      return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    }),
  );
}

/** The gradient with respect to a vector, given the gradient with respect to its unit vector. */
function beforeNormalising(gradient: readonly number[], vector: readonly number[]): number[] {
  const direction = unit(vector);
  const along = dot(gradient, direction);
  return gradient.map((value, i) => (value - along * (direction[i] as number)) / Math.sqrt(dot(vector, vector)));
}

function valueAndGradient(loss: (x: tf.Tensor2D) => tf.Scalar, at: Matrix): { value: number; gradient: number[] } {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor2D))(tf.tensor2d(at.map((r) => [...r])));
    return { value: value.dataSync()[0] as number, gradient: [...grad.dataSync()] };
  });
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 4) {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  actual.forEach((value, i) => {
    expect(value / scale, `number ${i}`).toBeCloseTo((expected[i] as number) / scale, digits);
  });
}

const faces = matrix(8, 5);
const triplets: Triplet[] = [
  { anchor: 0, positive: 1, negative: 2 },
  { anchor: 0, positive: 1, negative: 5 },
  { anchor: 1, positive: 0, negative: 3 },
  { anchor: 4, positive: 5, negative: 6 },
  { anchor: 5, positive: 4, negative: 7 },
  { anchor: 6, positive: 7, negative: 0 },
];

describe('the triplet loss', () => {
  test('matches hand-computed values', () => {
    // At right angles each squared distance is 0, 2 or 4.
    const [east, north, west] = [
      [1, 0],
      [0, 1],
      [-1, 0],
    ] as const;
    const of = (matrix: Matrix, list: Triplet[], margin?: number) =>
      tf.tidy(
        () =>
          tripletLoss(
            tf,
            tf.tensor2d(matrix.map((r) => [...r])),
            list,
            margin === undefined ? {} : { margin },
          ).dataSync()[0],
      );
    const triplet = { anchor: 0, positive: 1, negative: 2 };
    expect(of([east, north, west], [triplet])).toBeCloseTo(0, 6);
    expect(of([east, west, north], [triplet])).toBeCloseTo(2.2, 6);
    expect(of([east, north, north], [triplet])).toBeCloseTo(0.2, 6);
    expect(of([east, north, north], [triplet], 0.5)).toBeCloseTo(0.5, 6);
    expect(of([east, west, east], [triplet])).toBeCloseTo(4.2, 6);
    // The loss is a sum over triplets, and independent of the lengths of the embeddings.
    expect(
      of(
        [
          [3, 0],
          [-5, 0],
          [0, 0.1],
        ],
        [triplet, triplet],
      ),
    ).toBeCloseTo(4.4, 5);
    expect(of([east, north, west], [])).toBe(0);
  });

  test.each([0.2, 1])('matches the reference value and gradient at margin %s', (margin) => {
    const reference = references.triplet(triplets, margin);
    const { value, gradient } = valueAndGradient((x) => tripletLoss(tf, x, triplets, { margin }), faces);
    expect(value).toBeCloseTo(reference(faces), 5);
    expectClose(gradient, differences(reference, faces));
  });

  test('has the gradient 2(n − p), 2(p − a), 2(a − n) for active triplets, and none for the others', () => {
    const sums = faces.map((face) => face.map(() => 0));
    let active = 0;
    for (const { anchor, positive, negative } of triplets) {
      const [a, p, n] = [row(faces, anchor), row(faces, positive), row(faces, negative)];
      if (squared(a, p) - squared(a, n) + 0.2 <= 0) continue;
      active++;
      const add = (place: number, x: readonly number[], y: readonly number[]) => {
        const sum = sums[place] as number[];
        sum.forEach((value, i) => {
          sum[i] = value + 2 * ((x[i] as number) - (y[i] as number));
        });
      };
      add(anchor, n, p);
      add(positive, p, a);
      add(negative, a, n);
    }
    expect(active).toBeGreaterThan(0);
    expect(active).toBeLessThan(triplets.length);
    const expected = sums.flatMap((sum, i) => beforeNormalising(sum, faces[i] as readonly number[]));
    expectClose(valueAndGradient((x) => tripletLoss(tf, x, triplets), faces).gradient, expected, 5);
  });

  test('decreases along its negative gradient', () => {
    const x = tf.variable(tf.tensor2d(faces.map((r) => [...r])));
    const optimizer = tf.train.adagrad(0.05);
    const costs = Array.from({ length: 40 }, () =>
      tf.tidy(() => optimizer.minimize(() => tripletLoss(tf, x, triplets), true)?.dataSync()[0]),
    );
    expect(costs.at(-1)).toBeLessThan(0.1 * (costs[0] as number));
    x.dispose();
    optimizer.dispose();
  });
});

describe('the contrastive loss', () => {
  const pairs: LabelledRows[] = [
    { a: 0, b: 1, same: true },
    { a: 2, b: 3, same: true },
    { a: 0, b: 2, same: false },
    { a: 4, b: 7, same: false },
    { a: 5, b: 6, same: false },
    { a: 1, b: 6, same: false },
  ];

  test('matches hand-computed values', () => {
    const x = tf.tensor2d([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    const of = (pair: LabelledRows, margin: number) => contrastiveLoss(tf, x, [pair], { margin }).dataSync()[0];
    expect(of({ a: 0, b: 1, same: true }, 1)).toBeCloseTo(1, 6);
    expect(of({ a: 0, b: 1, same: false }, 1)).toBe(0);
    expect(of({ a: 0, b: 1, same: false }, 2)).toBeCloseTo((2 - Math.SQRT2) ** 2 / 2, 6);
    expect(of({ a: 0, b: 2, same: false }, 1)).toBeCloseTo(0.5, 5);
  });

  test.each([1, 1.8])('matches the reference value and gradient at margin %s', (margin) => {
    const reference = references.contrastive(pairs, margin);
    const { value, gradient } = valueAndGradient((x) => contrastiveLoss(tf, x, pairs, { margin }), faces);
    expect(value).toBeCloseTo(reference(faces), 5);
    expectClose(gradient, differences(reference, faces));
  });

  test('has the gradient a − b for a same-person pair, and (1 − m/d)(a − b) for a different-person pair', () => {
    for (const same of [true, false]) {
      const [a, b] = [row(faces, 2), row(faces, 3)];
      const factor = same ? 1 : Math.min(0, 1 - 1.9 / Math.sqrt(squared(a, b)));
      const gradient = a.map((value, i) => factor * (value - (b[i] as number)));
      const expected = faces.flatMap((face, i) => {
        const sign = i === 2 ? 1 : i === 3 ? -1 : 0;
        return beforeNormalising(
          gradient.map((value) => sign * value),
          face,
        );
      });
      const loss = (x: tf.Tensor2D) => contrastiveLoss(tf, x, [{ a: 2, b: 3, same }], { margin: 1.9 });
      expectClose(valueAndGradient(loss, faces).gradient, expected, 5);
    }
  });

  test('has a finite gradient for equal embeddings', () => {
    const loss = (x: tf.Tensor2D) => contrastiveLoss(tf, x, [{ a: 0, b: 1, same: false }]);
    const { gradient } = valueAndGradient(loss, [
      [1, 0],
      [1, 0],
    ]);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});

describe('the large-margin cosine loss', () => {
  const people = matrix(4, 5);
  const labels = [0, 0, 1, 1, 2, 2, 3, 3];
  const columns = () => tf.transpose(tf.tensor2d(people.map((r) => [...r]))) as tf.Tensor2D;

  test('matches hand-computed values', () => {
    // Two people at a right angle, and a face in the direction of its person: the logits are s(1 − m) and 0.
    const x = tf.tensor2d([[2, 0]]);
    const directions = tf.tensor2d([
      [1, 0],
      [0, 3],
    ]);
    const loss = largeMarginCosineLoss(tf, x, directions, [0], { scale: 2, margin: 0.25 }).dataSync()[0];
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-1.5)), 6);
  });

  test.each([
    [64, 0.35],
    [8, 0.2],
    [1, 0],
  ])(
    'matches the reference value and gradients at scale %s and margin %s, for faces and for people',
    (scale, margin) => {
      const reference = references.cosine(people, labels, scale, margin);
      const loss = (x: tf.Tensor2D) => largeMarginCosineLoss(tf, x, columns(), labels, { scale, margin });
      const { value, gradient } = valueAndGradient(loss, faces);
      expect(value).toBeCloseTo(reference(faces), 3);
      expectClose(gradient, differences(reference, faces));

      const ofPeople: Loss = (directions) => references.cosine(directions, labels, scale, margin)(faces);
      const withFaces = (x: tf.Tensor2D) =>
        largeMarginCosineLoss(tf, tf.tensor2d(faces.map((r) => [...r])), tf.transpose(x), labels, { scale, margin });
      expectClose(valueAndGradient(withFaces, people).gradient, differences(ofPeople, people));
    },
  );

  test('has the gradient of a softmax: predicted minus true probability, times the scale', () => {
    const [scale, margin] = [8, 0.2];
    const expected = faces.flatMap((face, i) => {
      const own = labels[i] as number;
      const logits = people.map((_, j) => scale * (dot(row(faces, i), row(people, j)) - (j === own ? margin : 0)));
      const all = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      const gradient = face.map((_, d) =>
        people.reduce((sum, _, j) => {
          const residual = Math.exp(logits[j] as number) / all - (j === own ? 1 : 0);
          return sum + (scale * residual * (row(people, j)[d] as number)) / faces.length;
        }, 0),
      );
      return beforeNormalising(gradient, face);
    });
    const loss = (x: tf.Tensor2D) => largeMarginCosineLoss(tf, x, columns(), labels, { scale, margin });
    expectClose(valueAndGradient(loss, faces).gradient, expected, 5);
  });
});

describe('losses', () => {
  test('reject invalid arguments', () => {
    const x = tf.tensor2d([[1, 0]]);
    const missing = { anchor: 0, positive: 1, negative: 0 };
    for (const call of [
      () => tripletLoss(tf, x, [], { margin: 0 }),
      () => tripletLoss(tf, x, [missing]),
      () => contrastiveLoss(tf, x, [], { margin: Number.NaN }),
      () => largeMarginCosineLoss(tf, x, x, [0], { scale: 0 }),
      () => largeMarginCosineLoss(tf, x, x, [0], { margin: 3 }),
      () => largeMarginCosineLoss(tf, x, tf.transpose(x), []),
      () => largeMarginCosineLoss(tf, x, x, [0]),
      () => largeMarginCosineLoss(tf, x, tf.transpose(x), [1]),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
  });

  test('allocate no tensor besides their value', () => {
    const x = tf.tensor2d(faces.map((r) => [...r]));
    const before = tf.memory().numTensors;
    tripletLoss(tf, x, triplets).dispose();
    contrastiveLoss(tf, x, [{ a: 0, b: 1, same: true }]).dispose();
    const people = tf.ones<tf.Rank.R2>([5, 2]);
    largeMarginCosineLoss(tf, x, people, [0, 1, 0, 1, 0, 1, 0, 1]).dispose();
    people.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('on the WebAssembly backend', () => {
  beforeAll(async () => {
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
  });

  test.each([
    ['triplet', (x: tf.Tensor2D) => tripletLoss(tf, x, triplets), references.triplet(triplets, 0.2)],
    [
      'contrastive',
      (x: tf.Tensor2D) => contrastiveLoss(tf, x, [{ a: 0, b: 1, same: true }]),
      references.contrastive([{ a: 0, b: 1, same: true }], 1),
    ],
    [
      'large-margin cosine',
      (x: tf.Tensor2D) => largeMarginCosineLoss(tf, x, tf.eye(5, 3), [0, 1, 2, 0, 1, 2, 0, 1], { scale: 8 }),
      references.cosine(
        [
          [1, 0, 0, 0, 0],
          [0, 1, 0, 0, 0],
          [0, 0, 1, 0, 0],
        ],
        [0, 1, 2, 0, 1, 2, 0, 1],
        8,
        0.35,
      ),
    ],
  ])('the %s loss is differentiable', (_, loss, reference) => {
    const { value, gradient } = valueAndGradient(loss, faces);
    expect(value).toBeCloseTo(reference(faces), 4);
    expectClose(gradient, differences(reference, faces));
  });
});
