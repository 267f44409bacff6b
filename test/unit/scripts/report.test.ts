import { expect, test } from 'vitest';
import { strangerSimilarityOf } from '../../../lib/comparison/conditional.ts';
import { strangerModelDigest } from '../../../lib/core/stranger-model.ts';
import type { Calibration, Quality, StrangerModel } from '../../../lib/core/types.ts';
import type { Recipe } from '../../../scripts/kit/lfw/recipe.ts';
import { evaluatedFace } from '../../../scripts/report/photos.ts';
import { ruleOf } from '../../../scripts/report/rule.ts';

const strangers: StrangerModel = {
  ...{ magnitude: -0.1, contrast: 0, sharpness: -0.2, eyesVisible: 0, mouthOcclusionPrevention: 0, offset: 0.4 },
  direction: [0.1],
};
/** As a manifest has it: without the name of the model of strangers. */
const calibration: Calibration = {
  logOdds: [16, -20],
  thresholds: [{ far: 0.001, distance: 0.7 }],
  quality: { measure: 'magnitude', median: 10, deviation: 1, strangers },
  conditional: {
    reference: { mean: 1, deviation: 0.1 },
    points: [{ similarity: 0.3, mean: 1, deviation: 0.1, logOdds: [16, -20] }],
    limit: 0.7,
  },
};
const recipe: Recipe = {
  ...{ name: 'balanced', preset: 'balanced', model: 'm', metric: 'cosine', dimension: 2, template: 'arcface' },
  ...{ calibration, identity: [] },
};

test('npm run report judges pairs by the quality that the faces of the preset have', () => {
  const quality = { overall: 0.4, yaw: 0.1, strangerSimilarity: 0.5, strangerModel: strangerModelDigest(strangers) };
  const result = { embedding: [1, 0], detected: true, quality: quality as Quality };
  const photo = { path: 'Ada/1.jpg', person: 'Ada', file: '1.jpg' };
  const face = evaluatedFace(photo, result, (person, file, own) => `${person} ${file} ${own?.yaw}`);
  expect(face).toMatchObject({ person: 'Ada', photo: 'Ada/1.jpg', cohort: 'Ada 1.jpg 0.1', quality });
  expect(strangerSimilarityOf(face ?? {}, ruleOf(recipe).calibration)).toBe(0.5);
  expect(evaluatedFace(photo, { ...result, detected: false }, () => undefined)).toBeUndefined();
});

test('npm run report needs a calibration', () => {
  expect(() => ruleOf({ ...recipe, calibration: undefined })).toThrow('has no calibration');
});
