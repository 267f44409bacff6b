import { expect, test } from 'playwright/test';
import { fuzz, regressions, targetNames } from '../scripts/fuzz/run.ts';

test('hostile input: the findings of the past, and some seconds of new cases, the same each time', async () => {
  const reports = await fuzz(15, 1);
  expect(regressions().length).toBeGreaterThan(0);
  expect(Object.keys(reports)).toEqual(targetNames);
  for (const [name, { cases, findings }] of Object.entries(reports)) {
    expect(
      findings.map(({ seed, what }) => `${name} ${seed}: ${what}`),
      name,
    ).toEqual([]);
    expect(cases, name).toBeGreaterThan(0);
  }
});
