import { describe, expect, test } from 'vitest';
import { describeReport, exitCodeOf, type Report } from '../../../scripts/verify/report.ts';

const faces = { faces: [{ box: { x: 1.4, y: 2.6, width: 30, height: 40 }, score: 0.987 }] };
const models = { detector: 'd', landmarker: 'l', embedder: 'e' };
const verdict = { same: true, distance: 0.2, threshold: 0.35, probability: 0.98, basis: 'quality' } as const;
const reportOf = (changed: Partial<Report>): Report => ({
  a: faces,
  b: faces,
  models,
  backend: 'wasm',
  ...verdict,
  ...changed,
});
const lineOf = (changed: Partial<Report>) => describeReport(reportOf(changed), 'a.jpg', 'b.jpg').split('\n')[2];

describe('npm run verify', () => {
  test('exits with 0 for one person, with 1 for two, and with 3 for photos that are too poor', () => {
    expect(exitCodeOf(verdict)).toBe(0);
    expect(exitCodeOf({ ...verdict, same: false })).toBe(1);
    expect(exitCodeOf({ ...verdict, same: false, reason: 'quality' })).toBe(3);
  });

  test('describes the faces and the verdict', () => {
    const lines = describeReport(reportOf({}), 'a.jpg', 'b.jpg').split('\n');
    expect(lines[0]).toBe('a.jpg: face at (1, 3), 30×40 pixels, score 0.99');
    expect(lines[2]).toBe(
      'distance 0.200, threshold 0.350 for photos of this quality, probability 98.0 %: the same person',
    );
    expect(lines[3]).toBe('(largest face of each; d, l, e on wasm)');
    expect(lineOf({ same: false, basis: 'distance' })).toMatch(/for all photos, .*: different people$/);
  });

  test('does not take a refusal for different people, and does not measure it by the threshold', () => {
    const refused = lineOf({ same: false, reason: 'quality' });
    expect(refused).toMatch(/^too poor to compare/);
    expect(refused).not.toMatch(/distance|threshold|different people/);
  });
});
