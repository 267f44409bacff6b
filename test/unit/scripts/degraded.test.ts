import * as v from 'valibot';
import { expect, test } from 'vitest';
import { cosineDistance } from '../../../lib/comparison/distance.ts';
import { calibrationSchema } from '../../../lib/core/calibration-schema.ts';
import { seeded } from '../../../lib/core/random.ts';
import type { Calibration, Quality } from '../../../lib/core/types.ts';
import {
  type DegradedFaces,
  fitPoorPhotos,
  halvesOf,
  heldOutDegraded,
  heldOutParts,
  leftOutDegraded,
} from '../../../scripts/evaluate/degraded.ts';
import { mixedKinds } from '../../../scripts/evaluate/mixed-kinds.ts';
import type { PersonFace } from '../../../scripts/evaluate/strangers.ts';
import { type DegradationName, degradations, fittedDegradations } from '../../../scripts/kit/lfw/degradations.ts';

const dimension = 24;

/**
 * Two photos of each of 40 people. Defects turn the embeddings towards the first axis, as far as `shares` says, and shorten the
 * network's output.
 */
function facesOf(shares: Partial<Record<DegradationName, number>>): DegradedFaces {
  const random = seeded(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const people = Array.from({ length: 40 }, () => Array.from({ length: dimension }, normal));
  const photo = (person: number, share: number): PersonFace => {
    const vector = (people[person] as number[]).map((value, i) => value + 0.5 * normal() + (i === 0 ? 12 * share : 0));
    const length = Math.hypot(...vector);
    return {
      person: `P${person}`,
      embedding: Float32Array.from(vector, (value) => value / length),
      quality: { magnitude: 70 - 30 * share + normal(), contrast: 0.15, sharpness: 0.05 } as Quality,
    };
  };
  return new Map(
    degradations.map(({ name }) => [
      name,
      people.flatMap((_, person) => [1, 2].map(() => photo(person, shares[name] ?? 0.1))),
    ]),
  );
}

const plain: Calibration = {
  logOdds: [15, -25],
  thresholds: [
    { far: 0.1, distance: 0.72 },
    { far: 0.01, distance: 0.5 },
    { far: 0.001, distance: 0.35 },
  ],
};

const options = { plain, distance: cosineDistance };
const halves = halvesOf(
  Array.from({ length: 40 }, (_, person) => `P${person}`),
  () => plain,
);

test('a calibration fitted to degraded photos keeps the false-accept rate of strangers in poor photos', () => {
  const faces = facesOf({ none: 0, size12: 0.7, dark6: 0.5, jpeg3: 0.4, haze: 0.6 });
  const { strangers, conditional } = fitPoorPhotos(faces, options);
  const quality = { measure: 'magnitude', median: 60, deviation: 8, strangers } as const;
  expect(strangers.direction[0]).toBeGreaterThan(0.05);
  // The clearest photos keep the plain threshold and probability.
  expect(conditional.points[0]).toMatchObject({ ...conditional.reference, logOdds: plain.logOdds });
  expect(v.safeParse(calibrationSchema, { ...plain, quality, conditional }).success).toBe(true);
  const rows = heldOutDegraded(heldOutParts(faces, halves, cosineDistance), cosineDistance);
  const row = (name: DegradationName) => rows[degradations.findIndex((each) => each.name === name)] as (typeof rows)[0];
  expect(row('none')).toMatchObject({ refused: 0, genuine: 40, impostors: 2 * ((40 * 38) / 2) });
  for (const name of ['size12', 'dark6', 'haze'] as const) {
    const { plain: before, conditional: after } = row(name);
    expect(before.far['1e-2']).toBeGreaterThan(0.1);
    expect(after.far['1e-2']).toBeLessThan(0.04);
    const { low, high } = row(name).intervals['1e-2'];
    expect(low).toBeLessThanOrEqual(after.far['1e-2']);
    expect(high).toBeGreaterThanOrEqual(after.far['1e-2']);
    expect(high - low).toBeLessThan(0.1);
  }
  expect(row('haze').heldOut).toBe(true);
});

test('each half of the people is judged by both calibrations of the other half', () => {
  const faces = facesOf({ none: 0, size12: 0.7 });
  const fitted: string[][] = [];
  const other = {
    ...plain,
    thresholds: plain.thresholds.map(({ far, distance }) => ({ far, distance: distance / 2 })),
  };
  const given = halvesOf(
    [...(faces.get('none') ?? [])].map(({ person }) => person),
    (people) => {
      fitted.push([...people]);
      return fitted.length === 1 ? plain : other;
    },
  );
  const parts = heldOutParts(faces, given, cosineDistance);
  expect(parts.map(({ people }) => [...people])).toEqual(fitted);
  expect(parts.map(({ calibration }) => calibration.thresholds)).toEqual([other.thresholds, plain.thresholds]);
  for (const { people, held } of parts) {
    expect(people.size).toBe(20);
    for (const list of held.values()) expect(list.every(({ person }) => people.has(person))).toBe(true);
  }
});

test('measures each fitted kind of defect by a calibration that is fitted without it', () => {
  const faces = facesOf({ none: 0, size12: 0.7, dark6: 0.5, jpeg3: 0.4 });
  const leftOut = leftOutDegraded(faces, halves, cosineDistance);
  const fitted = degradations.filter(({ name, heldOut }) => name !== 'none' && !heldOut);
  expect(leftOut.map(({ label }) => label).sort()).toEqual(fitted.map(({ label }) => label).sort());
  const held = heldOutDegraded(heldOutParts(faces, halves, cosineDistance), cosineDistance);
  const rowOf = (rows: typeof held) => rows.find(({ label }) => label === 'brightness 6 %');
  expect(rowOf(leftOut)?.plain).toEqual(rowOf(held)?.plain);
  expect(rowOf(leftOut)?.conditional).not.toEqual(rowOf(held)?.conditional);
});

test('mixtures have defects of the fitted kinds alone, and none of them is measured', () => {
  const mixed = fittedDegradations.filter(({ operations }) => operations);
  expect(mixed.length).toBeGreaterThan(0);
  for (const { name, operations = [] } of mixed) {
    expect(degradations.some((each) => each.name === name)).toBe(false);
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) if (operation.name === 'curve') expect(operation.gain).toBeLessThanOrEqual(1);
  }
});

test('pairs of different kinds count strangers of both, and name the two kinds with the highest rate', () => {
  const faces = facesOf({ none: 0, size12: 0.7, dark6: 0.7 });
  const [clear, poor, worst] = mixedKinds(heldOutParts(faces, halves, cosineDistance), cosineDistance);
  // In each half 20 people have two photos of each kind: 40 × 38 pairs of strangers.
  const perPair = 2 * 40 * 38;
  const kinds = degradations.length - 1;
  expect(clear?.impostors).toBe(perPair * kinds);
  expect(poor?.impostors).toBe((perPair * kinds * (kinds - 1)) / 2);
  expect(worst?.impostors).toBe(perPair);
  const dark = degradations.find(({ name }) => name === 'dark6')?.label;
  const small = degradations.find(({ name }) => name === 'size12')?.label;
  const judged = mixedKinds(
    heldOutParts(faces, halves, cosineDistance).map((part) => ({ ...part, calibration: plain })),
    cosineDistance,
  );
  // Without the calibration by quality, strangers with the strongest defects resemble each other most.
  expect(judged[2]?.label).toContain(dark);
  expect(judged[2]?.label).toContain(small);
  expect(judged[2]?.conditional).toEqual(judged[2]?.plain);
  expect(judged[2]?.conditional['1e-2']).toBeGreaterThan(0.1);
  expect(poor?.conditional['1e-2']).toBeLessThan(poor?.plain['1e-2'] as number);
});
