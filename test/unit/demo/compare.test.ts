import type { Verdict } from 'facenet-web';
import { expect, test } from 'vitest';
import { en, ko } from '../../../demo/views/compare/messages.ts';
import { isClose, outcomeOf } from '../../../demo/views/compare/outcome.ts';

const verdict: Verdict = { same: false, distance: 0.5, threshold: 0.4, probability: 0.1, basis: 'quality' };

test('Compare distinguishes two people from an unsure answer', () => {
  expect(outcomeOf({ ...verdict, same: true, probability: 0.9 })).toBe('same');
  expect(outcomeOf(verdict)).toBe('different');
  expect(outcomeOf({ ...verdict, probability: 0.5 })).toBe('unsure');
});

test.each([0.1, 0.6])('Compare takes photos that are too poor for neither (probability %s)', (probability) => {
  const refused: Verdict = { ...verdict, distance: 0.2, threshold: 0.35, probability, reason: 'quality' };
  expect(outcomeOf(refused)).toBe('poor');
  for (const { poor, tooPoor } of [en, ko]) expect([poor, tooPoor]).not.toContain('');
});

test('Compare says that a distance is close to the limit only if the limit decides', () => {
  const close: Verdict = { ...verdict, distance: 0.41 };
  expect(isClose(close)).toBe(true);
  expect(isClose({ ...close, reason: 'quality' })).toBe(false);
  expect(isClose(verdict)).toBe(false);
});
