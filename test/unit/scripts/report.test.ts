import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { strangerSimilarityOf } from '../../../lib/comparison/conditional.ts';
import { strangerModelDigest } from '../../../lib/core/stranger-model.ts';
import type { Calibration, Quality, StrangerModel } from '../../../lib/core/types.ts';
import type { Recipe } from '../../../scripts/kit/lfw/recipe.ts';
import { cohortRule } from '../../../scripts/report/cohorts.ts';
import { labelledPhotos } from '../../../scripts/report/photos.ts';
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
  const results = new Map([['Ada/1.jpg', { embedding: [1, 0], quality: quality as Quality }]]);
  const photos = [{ path: 'Ada/1.jpg', person: 'Ada', file: '1.jpg' }];
  const { faces } = labelledPhotos(photos, results, (person, file, own) => `${person} ${file} ${own.yaw}`);
  const [face] = faces;
  expect(face).toMatchObject({ person: 'Ada', photo: 'Ada/1.jpg', cohort: 'Ada 1.jpg 0.1', quality });
  expect(strangerSimilarityOf(face ?? {}, ruleOf(recipe).calibration)).toBe(0.5);
});

test('npm run report tells photos without a face from unreadable ones', () => {
  const photos = ['1.jpg', '2.jpg'].map((file) => ({ path: `Ada/${file}`, person: 'Ada', file }));
  const results = new Map([['Ada/1.jpg', 'unreadable'] as const, ['Ada/2.jpg', 'no-face'] as const]);
  const labelled = labelledPhotos(photos, results, () => undefined);
  expect(labelled).toEqual({ faces: [], notFound: 1, unreadable: ['Ada/1.jpg'] });
});

test('npm run report refuses a cohorts file with entries that match no photo, and names them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cohorts-'));
  const file = join(folder, 'cohorts.csv');
  const photos = [{ person: 'Ada', file: '1.jpg' }];
  writeFileSync(file, 'person,cohort\nAdda,a\nAda,b\nAda/2.jpg,a\n');
  expect(() => cohortRule(file, photos)).toThrow('match no photo: Adda, Ada/2.jpg.');
  writeFileSync(file, 'person,cohort\nAda,b\nAda/1.jpg,a\n');
  expect(cohortRule(file, photos)('Ada', '1.jpg', {} as Quality)).toBe('a');
  rmSync(folder, { recursive: true });
});

test('npm run report needs a calibration', () => {
  expect(() => ruleOf({ ...recipe, calibration: undefined })).toThrow('has no calibration');
});
