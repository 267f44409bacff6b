import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type ComparisonRule, compareEmbeddings } from '../../../lib/comparison/compare.ts';
import { judge, pairSimilarity } from '../../../lib/comparison/conditional.ts';
import { calibrationSchema } from '../../../lib/core/calibration-schema.ts';
import { comparedCalibration } from '../../../lib/core/stranger-model.ts';
import type { Calibration, ConditionalCalibration, Quality } from '../../../lib/core/types.ts';
import { withStrangerSimilarity } from '../../../lib/quality/stranger-similarity.ts';

/** Strangers are 1.0 ± 0.1 apart in clear photos, and 0.5 ± 0.1 in the poorest. */
const calibration: Calibration = {
  logOdds: [16, -20],
  thresholds: [
    { far: 0.01, distance: 0.8 },
    { far: 0.001, distance: 0.7 },
  ],
  conditional: {
    reference: { mean: 1, deviation: 0.1 },
    points: [
      { similarity: 0.3, mean: 1, deviation: 0.1, logOdds: [16, -20] },
      { similarity: 0.5, mean: 0.8, deviation: 0.1, logOdds: [12, -20] },
      { similarity: 0.8, mean: 0.5, deviation: 0.05, logOdds: [8, -20] },
    ],
    limit: 0.7,
    strangerModel: 'first',
  },
};
const rule: ComparisonRule = { model: 'm', dimension: 2, metric: 'euclidean', calibration };
const face = (x: number, strangerSimilarity?: number, strangerModel: string | undefined = 'first') => ({
  embedding: Float32Array.of(x, 0),
  model: 'm',
  quality: {
    overall: 0.5,
    ...(strangerSimilarity !== undefined && { strangerSimilarity, strangerModel }),
  } as Partial<Quality>,
});

describe('comparison by quality', () => {
  test('keeps the threshold and the probability of clear photos', () => {
    const { conditional, ...plain } = calibration;
    for (const similarity of [-1, 0, 0.3]) {
      const byQuality = judge(0.65, 0.7, similarity, calibration);
      const byDistance = judge(0.65, 0.7, undefined, plain);
      expect(byQuality).toEqual({ ...byDistance, basis: 'quality', threshold: expect.closeTo(0.7, 12) });
    }
  });

  test('moves the threshold to the distance that is as rare among strangers in poor photos', () => {
    // Three deviations below the mean: 1 − 3 · 0.1 of clear photos, 0.9 − 3 · 0.1 half way to the second point.
    expect(judge(0.5, 0.7, 0.4, calibration)).toMatchObject({ same: true, threshold: expect.closeTo(0.6, 12) });
    expect(judge(0.55, 0.7, 0.5, calibration)).toMatchObject({ same: false, threshold: expect.closeTo(0.5, 12) });
  });

  test('is never less strict for a poorer pair', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, fc.double({ min: 0.7, max: 0.8, noNaN: true }), (a, b, distance, plain) => {
        const [clearer, poorer] = [Math.min(a, b), Math.max(a, b)].map((each) =>
          judge(distance, plain, each, calibration),
        );
        expect(poorer?.threshold).toBeLessThanOrEqual((clearer?.threshold ?? 0) + 1e-12);
        if (poorer?.same) expect(clearer?.same).toBe(true);
      }),
    );
  });

  test('refuses pairs of two photos beyond the limit with a reason, whatever their distance', () => {
    expect(compareEmbeddings(face(0, 0.75), face(0, 0.9), rule)).toMatchObject({ same: false, reason: 'quality' });
    expect(compareEmbeddings(face(0, 0.1), face(0, 0.9), rule)).toMatchObject({ same: true, basis: 'quality' });
    expect(compareEmbeddings(face(0, 0.1), face(0, 0.9), rule)).not.toHaveProperty('reason');
  });

  test('judges by the distance alone if the similarity of a face is unknown', () => {
    for (const other of [Float32Array.of(1, 0), face(1), face(1, Number.NaN)]) {
      expect(compareEmbeddings(face(0.35, 0.9), other, rule)).toMatchObject({
        same: true,
        basis: 'distance',
        threshold: 0.7,
      });
    }
    const { conditional, ...plain } = calibration;
    const verdict = compareEmbeddings(face(0, 0.9), face(0.65, 0.9), { ...rule, calibration: plain });
    expect(verdict).toMatchObject({ same: true, basis: 'distance' });
  });

  test.each([
    ['of another model', 'second'],
    ['without a model', ''],
  ])('does not use a similarity %s, whose scale is unknown', (_, model) => {
    // Beyond the limit, if it were of the first model.
    const verdict = compareEmbeddings(face(0, 0.9, model), face(0.65, 0.9), rule);
    expect(verdict).toMatchObject({ same: true, basis: 'distance', threshold: 0.7 });
    expect(verdict).not.toHaveProperty('reason');
    expect(compareEmbeddings(face(0, 0.9), face(0, 0.9, model), rule)).toMatchObject({ basis: 'distance' });
    expect(compareEmbeddings(face(0, 0.9, model), face(0, 0.9, model), rule)).toMatchObject({ basis: 'distance' });
  });

  test('does not use similarities with a calibration that does not state its model', () => {
    const { strangerModel, ...conditional } = calibration.conditional as ConditionalCalibration;
    const unnamed = { ...rule, calibration: { ...calibration, conditional } };
    expect(compareEmbeddings(face(0, 0.9), face(0, 0.9), unnamed)).toMatchObject({ same: true, basis: 'distance' });
  });

  test('depends on the clearer face of a pair', () => {
    expect(pairSimilarity(face(0, 0.2), face(0, 0.9), calibration)).toBe(0.2);
    expect(pairSimilarity(face(0, 0.2), {}, calibration)).toBeUndefined();
  });
});

describe('the similarity to strangers', () => {
  const strangers = {
    direction: [1, 2],
    magnitude: 0.5,
    contrast: 2,
    sharpness: 0.25,
    eyesVisible: 0.1,
    mouthOcclusionPrevention: 0.2,
    offset: 1,
  };
  const reference = { measure: 'magnitude', median: 1, deviation: 1, strangers } as const;
  const quality = {
    magnitude: 4,
    contrast: Math.E ** -2,
    sharpness: Math.E ** -4,
    components: { mouthOcclusionPrevention: { value: 0.5, score: 50 } },
  } as Quality;

  test('is linear in the embedding, the magnitude, the logarithms of contrast and sharpness, and the covers', () => {
    // 0.6 + 2 · 0.8 + 0.5 · 4 + 2 · −2 + 0.25 · −4 + 0.2 · 0.5 + 1
    expect(withStrangerSimilarity(quality, Float32Array.of(0.6, 0.8), reference).strangerSimilarity).toBeCloseTo(
      0.3,
      6,
    );
  });

  test('counts the detail in the direction with the least of it, if the model has weights for it', () => {
    const detailed = { ...reference, strangers: { ...strangers, fineDetail: 1, mediumDetail: 2, coarseDetail: 3 } };
    const embedding = Float32Array.of(0.6, 0.8);
    const similarity = (detail?: [number, number, number]) =>
      withStrangerSimilarity({ ...quality, ...(detail && { detail }) }, embedding, detailed).strangerSimilarity;
    const least = [Math.E ** -5, Math.E ** -4, Math.E ** -2] as [number, number, number];
    // 0.3 as above, − 5 − 2 · 4 − 3 · 2
    expect(similarity(least)).toBeCloseTo(0.3 - 5 - 8 - 6, 6);
    // Sharp photos have the maxima, and so have qualities of releases that did not measure it.
    expect(similarity([0.5, 0.5, 0.5])).toBe(similarity(undefined));
  });

  test('counts visible JPEG blocks, if the model has a weight for them', () => {
    const weighted = { ...reference, strangers: { ...strangers, compressionArtifacts: 2 } };
    const similarity = (value?: number) => {
      const compressionArtifacts = value === undefined ? {} : { compressionArtifacts: { value, score: 50 } };
      const components = { ...quality.components, ...compressionArtifacts };
      return withStrangerSimilarity({ ...quality, components }, Float32Array.of(0.6, 0.8), weighted).strangerSimilarity;
    };
    // 0.3 as above, + 2 · ln 3
    expect(similarity(3)).toBeCloseTo(0.3 + 2 * Math.log(3), 6);
    expect(similarity(9)).toBe(similarity(4));
    // Photos without blocks are about 1, and those that were not measured are taken for such.
    expect(similarity(0.9)).toBe(similarity(undefined));
  });

  test('is of a model, which its weights identify, and which a rule has too', () => {
    const modelOf = (changed: object) => {
      const other = { ...reference, strangers: { ...strangers, ...changed } };
      const { strangerModel } = withStrangerSimilarity(quality, Float32Array.of(0.6, 0.8), other);
      const { conditional } = comparedCalibration({ ...calibration, quality: other });
      expect(conditional).toEqual({ ...calibration.conditional, strangerModel });
      return strangerModel;
    };
    const model = modelOf({});
    expect(model).toMatch(/^[0-9a-f]{8}$/);
    // The order of its properties does not matter, and an absent weight is 0.
    const [first, ...others] = Object.entries(strangers);
    expect(modelOf(Object.fromEntries([...others, first as [string, number]]))).toBe(model);
    expect(modelOf({ fineDetail: 0 })).toBe(model);
    const changed = ['magnitude', 'contrast', 'sharpness', 'fineDetail', 'mediumDetail', 'coarseDetail'];
    const more = ['compressionArtifacts', 'eyesVisible', 'mouthOcclusionPrevention', 'offset'];
    const models = [...changed, ...more].map((name) => modelOf({ [name]: 0.75 }));
    models.push(modelOf({ direction: [2, 1] }));
    expect(new Set([model, ...models]).size).toBe(12);
  });

  test('is not in the rule of a calibration without a model of it', () => {
    const { conditional, ...plain } = calibration;
    expect(comparedCalibration(calibration)).toEqual(calibration);
    expect(comparedCalibration({ ...plain, quality: reference })).toEqual(plain);
  });

  test('is unknown without a model of the embedder', () => {
    expect(withStrangerSimilarity(quality, Float32Array.of(1, 0, 0), reference)).toBe(quality);
    expect(withStrangerSimilarity(quality, Float32Array.of(0.6, 0.8), undefined)).toBe(quality);
  });
});

describe('the schema of a calibration', () => {
  const points = calibration.conditional?.points ?? [];
  const withPoints = (changed: unknown) => ({
    ...calibration,
    conditional: { ...calibration.conditional, points: changed },
  });

  test('accepts a calibration by quality and one without', () => {
    const { conditional, ...plain } = calibration;
    expect(v.parse(calibrationSchema, calibration)).toEqual(calibration);
    expect(v.parse(calibrationSchema, plain)).toEqual(plain);
  });

  test.each([
    ['the similarities must ascend', [...points].reverse()],
    ['the means must descend', points.map((point) => ({ ...point, mean: 1 }))],
    ['the probability must fall with the distance', points.map((point) => ({ ...point, logOdds: [1, 1] }))],
    [
      'the conditional thresholds must descend',
      points.map((point, i) => ({ ...point, mean: 1 - 0.01 * i, deviation: 0.1 / (i + 1) })),
    ],
    ['Invalid length', points.slice(1, 2)],
  ])('refuses points: %s', (message, changed) => {
    const { issues } = v.safeParse(calibrationSchema, withPoints(changed));
    expect(issues?.[0].message).toContain(message);
  });
});
