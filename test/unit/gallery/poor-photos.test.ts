import { describe, expect, test } from 'vitest';
import type { ComparisonRule } from '../../../lib/comparison/compare.ts';
import type { ConditionalCalibration } from '../../../lib/core/types.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { rule as plainRule, Synthetic } from '../../support/synthetic.ts';

/** Strangers are 0.2 nearer to each other in the poorest photos that are compared. */
const rule: ComparisonRule = {
  ...plainRule,
  calibration: {
    ...plainRule.calibration,
    conditional: {
      reference: { mean: 0.7, deviation: 0.1 },
      points: [
        { similarity: 0.3, mean: 0.7, deviation: 0.1, logOdds: [26.95, -63.47] },
        { similarity: 0.6, mean: 0.5, deviation: 0.1, logOdds: [20, -63.47] },
      ],
      limit: 0.6,
      strangerModel: 'first',
    },
  },
};
/** The calibration of a later release, with another model of the similarity to strangers. */
const refitted = withModel('second');
const face = (embedding: Float32Array, strangerSimilarity?: number, strangerModel = 'first') => ({
  embedding,
  model: rule.model,
  quality: { overall: 0.9, ...(strangerSimilarity !== undefined && { strangerSimilarity, strangerModel }) },
});
function withModel(strangerModel: string | undefined): ComparisonRule {
  const { strangerModel: _, ...conditional } = rule.calibration.conditional as ConditionalCalibration;
  const named = { ...conditional, ...(strangerModel !== undefined && { strangerModel }) };
  return { ...rule, calibration: { ...rule.calibration, conditional: named } };
}
const open = (comparison = rule, log = false) =>
  Gallery.open({ name: 'test', storage: 'memory', facenet: { rule: comparison }, log });

describe('a gallery with templates of poor photos', () => {
  test('accepts a smaller distance if both photos are poor', async () => {
    const synthetic = new Synthetic();
    const ada = synthetic.person();
    const probe = synthetic.near(ada, 0.25);
    for (const [enrolled, probed, basis] of [
      [0.6, 0.1, 'quality'],
      [0.1, 0.6, 'quality'],
      [0.6, undefined, 'distance'],
      [undefined, 0.6, 'distance'],
    ] as const) {
      const gallery = await open();
      const enrolment = await gallery.enrol({ name: 'Ada' }, face(ada, enrolled));
      if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
      const { match, threshold } = await gallery.identify(face(probe, probed), { far: 1e-3 });
      expect(match).toMatchObject({ person: { name: 'Ada' }, basis });
      expect(threshold).toBe(0.3778);
      expect(await gallery.verify(enrolment.person.id, face(probe, probed))).toMatchObject({ same: true, basis });
    }
    const gallery = await open();
    const enrolment = await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
    const unknown = await gallery.identify(face(probe, 0.6), { far: 1e-3 });
    expect(unknown.match).toBeUndefined();
    // Too far for poor photos, but not too poor to be compared.
    expect(unknown).not.toHaveProperty('reason');
    expect(await gallery.verify(enrolment.person.id, face(probe, 0.6))).toMatchObject({
      same: false,
      basis: 'quality',
      threshold: expect.closeTo(0.1778, 6),
    });
  });

  test('states and logs the threshold that decided, and its basis', async () => {
    const synthetic = new Synthetic();
    const ada = synthetic.person();
    const gallery = await open(rule, true);
    await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    const poor = { threshold: expect.closeTo(0.1778, 6), basis: 'quality' };
    const { match, threshold } = await gallery.identify(face(ada, 0.6), { far: 1e-3 });
    expect(match).toMatchObject(poor);
    expect(threshold).toBe(0.3778);
    await gallery.identify(ada, { far: 1e-3 });
    await gallery.identify(synthetic.person(), { far: 1e-3 });
    await gallery.verify(match?.person.id as string, face(ada, 0.6), { far: 1e-3 });
    expect((await gallery.log()).slice(2)).toMatchObject([
      { event: 'identified', ...poor },
      { event: 'identified', threshold: 0.3778, basis: 'distance' },
      { event: 'identified', threshold: 0.3778 },
      { event: 'verified', ...poor },
    ]);
  });

  test('tells that nobody matches because both photos are too poor', async () => {
    const ada = new Synthetic().person();
    const gallery = await open(rule, true);
    // enrol() refuses such a photo, but a rule without a limit does not.
    const lenient = await open(plainRule);
    await lenient.enrol({ name: 'Ada' }, face(ada, 0.65));
    await gallery.import(await lenient.export());
    expect(await gallery.identify(face(ada, 0.66), { far: 1e-3 })).toMatchObject({
      match: undefined,
      reason: 'quality',
    });
    expect((await gallery.log()).at(-1)).toMatchObject({ event: 'identified', reason: 'quality' });
  });

  test('finds the clear template of a person whose poor template is nearer', async () => {
    const synthetic = new Synthetic();
    const ada = synthetic.person();
    const gallery = await open();
    const enrolment = await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
    const { person } = enrolment;
    const second = await gallery.enrol(person, face(synthetic.near(ada, 0.2), 0.1));
    const probe = face(synthetic.near(ada, 0.22), 0.6);
    const template = second.enrolled ? second.face.id : undefined;
    expect((await gallery.identify(probe, { far: 1e-3 })).match?.face).toBe(template);
    expect((await gallery.verify(person.id, probe)).same).toBe(true);
  });

  test('refuses to enrol a face beyond the limit, whatever is allowed', async () => {
    const gallery = await open();
    const poor = face(new Synthetic().person(), 0.65);
    expect(await gallery.enrol({ name: 'Ada' }, poor, { allow: ['low-quality'], minQuality: 0 })).toEqual({
      enrolled: false,
      reasons: [{ kind: 'too-poor', strangerSimilarity: 0.65, limit: 0.6 }],
    });
    expect(await (await open(plainRule)).enrol({ name: 'Ada' }, poor)).toMatchObject({ enrolled: true });
  });

  test('keeps the similarity to strangers in an export', async () => {
    const ada = new Synthetic().person();
    const gallery = await open();
    await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    const copy = await open();
    await copy.import(await gallery.export());
    expect((await copy.identify(face(ada, 0.6), { far: 1e-3 })).match).toMatchObject({ basis: 'quality' });
  });
});

describe('a stored similarity to strangers', () => {
  test('of the calibration before is not judged by a newer one', async () => {
    const ada = new Synthetic().person();
    const gallery = await open();
    await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    const later = await open(refitted);
    await later.import(await gallery.export());
    // The distance is above the threshold of 0.1778 for the poorest photos, but the stored similarity is not of their scale.
    const probe = new Synthetic().near(ada, 0.25);
    const { match } = await later.identify(face(probe, 0.6, 'second'), { far: 1e-3 });
    expect(match).toMatchObject({ person: { name: 'Ada' }, basis: 'distance' });
    const [person] = await later.list();
    expect(await later.verify(person?.id as string, face(probe, 0.6, 'second'))).toMatchObject({
      same: true,
      basis: 'distance',
    });
    // Faces that are enrolled since are judged by it.
    await later.enrol({ id: person?.id as string }, face(probe, 0.5, 'second'));
    expect((await later.identify(face(probe, 0.6, 'second'), { far: 1e-3 })).match).toMatchObject({ basis: 'quality' });
  });

  test('is kept for a gallery with its calibration, also by one with another', async () => {
    const ada = new Synthetic().person();
    const gallery = await open();
    await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    const later = await open(refitted);
    await later.import(await gallery.export());
    const same = await open();
    await same.import(await later.export());
    expect((await same.identify(face(ada, 0.6), { far: 1e-3 })).match).toMatchObject({ basis: 'quality' });
  });

  test('of an export without its model is read, and not used', async () => {
    const ada = new Synthetic().person();
    const gallery = await open();
    await gallery.enrol({ name: 'Ada' }, face(ada, 0.6));
    const text = await (await gallery.export()).text();
    expect(text).toContain('"strangerSimilarity":0.6,"strangerModel":"first"');
    for (const comparison of [rule, withModel(undefined)]) {
      const copy = await open(comparison);
      await copy.import(new Blob([text.replaceAll(',"strangerModel":"first"', '')]));
      expect((await copy.identify(face(ada, 0.6), { far: 1e-3 })).match).toMatchObject({ basis: 'distance' });
    }
  });

  test('of another calibration is no reason against enrolling the face', async () => {
    const gallery = await open(refitted);
    const other = face(new Synthetic().person(), 0.65);
    expect(await gallery.enrol({ name: 'Ada' }, other)).toMatchObject({ enrolled: true, warnings: [] });
  });
});
