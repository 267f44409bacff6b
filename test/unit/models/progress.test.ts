import { describe, expect, test } from 'vitest';
import { seeded as random } from '../../../lib/core/random.ts';
import { type Progress, ProgressMeter } from '../../../lib/models/progress.ts';

function meter() {
  const reports: Progress[] = [];
  return { reports, meter: new ProgressMeter((report) => reports.push(report)) };
}

describe('ProgressMeter', () => {
  test('counts bytes, and never decreases when the total grows', () => {
    const { reports, meter: progress } = meter();
    progress.expect(100);
    progress.advance('a', 50);
    progress.expect(100);
    progress.advance('b', 25);
    progress.advance('b', 75);
    progress.finish();
    expect(reports).toEqual([
      { file: 'a', loaded: 50, total: 100, progress: 0.5 },
      { file: 'b', loaded: 75, total: 200, progress: 0.5 },
      { file: 'b', loaded: 150, total: 200, progress: 0.75 },
      { file: 'b', loaded: 200, total: 200, progress: 1 },
    ]);
  });

  test('reports 1 only at the end, even when every byte was read', () => {
    const { reports, meter: progress } = meter();
    progress.expect(10);
    progress.advance('a', 10);
    expect(reports.at(-1)?.progress).toBeLessThan(1);
    progress.finish();
    expect(reports.map((report) => report.progress === 1)).toEqual([false, true]);
  });

  test('never decreases and never exceeds 1 or the total, for random reads and totals', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const next = random(seed);
      const { reports, meter: progress } = meter();
      let total = 1 + Math.floor(next() * 1000);
      let loaded = 0;
      progress.expect(total);
      for (let step = 0; step < 40; step++) {
        if (next() < 0.2) {
          const bytes = Math.floor(next() * 1000);
          total += bytes;
          progress.expect(bytes);
        } else {
          // Sometimes more than was expected.
          const bytes = Math.floor(next() * 200);
          loaded += bytes;
          progress.advance('file', bytes);
          expect(reports.at(-1)).toMatchObject({ loaded: Math.min(loaded, total), total });
        }
      }
      progress.finish();
      reports.forEach((report, i) => {
        expect(report.progress).toBeGreaterThanOrEqual(reports[i - 1]?.progress ?? 0);
        expect(report.progress === 1).toBe(i === reports.length - 1);
        expect(report.loaded).toBeLessThanOrEqual(report.total);
      });
      expect(reports.at(-1)).toMatchObject({ loaded: total, total, progress: 1 });
    }
  });

  test('works without a listener', () => {
    const silent = new ProgressMeter(undefined);
    silent.expect(5);
    expect(() => {
      silent.advance('a', 5);
      silent.finish();
    }).not.toThrow();
  });
});
