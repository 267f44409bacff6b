import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const workflow = readFileSync('.github/workflows/release.yml', 'utf8');

/** The text of each job, by its name. */
const jobs = Object.fromEntries(
  workflow
    .slice(workflow.indexOf('\njobs:\n') + 7)
    .split(/^ {2}(?=[a-z]+:\n)/m)
    .filter((job) => job.trim() !== '')
    .map((job) => [job.slice(0, job.indexOf(':')), job]),
);

test('only the job that publishes can sign, and it runs no code of the repository or its dependencies', () => {
  expect(Object.keys(jobs)).toEqual(['build', 'publish']);
  const { build = '', publish = '' } = jobs;
  expect(workflow).toContain('\npermissions: {}\n');
  expect(build).not.toMatch(/id-token|contents: write/);
  expect(publish).toContain('id-token: write');
  expect(publish).toContain('environment: npm\n');
  expect(publish).not.toMatch(/checkout|npm (ci|install|test|run)|npx/);
  expect([...publish.matchAll(/- run: (.*)/g)].map(([, command]) => command)).toEqual([
    'npm publish ./release/*.tgz --ignore-scripts --provenance',
  ]);
});

test('only tags on main are released, by actions that are pinned to commits', () => {
  expect(workflow).toMatch(/on:\n {2}push:\n {4}tags: \["v\*"\]\n\n/);
  expect(jobs.build).toContain('git merge-base --is-ancestor "$GITHUB_SHA" origin/main');
  for (const [, action] of workflow.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/@[0-9a-f]{40}$/);
});

test('a release restores the largest exports that are supported', () => {
  const [, command = ''] = /- run: (npx playwright .*)\n {8}env:\n {10}LONG: 1\n/.exec(jobs.build ?? '') ?? [];
  const files = command.split(' ').filter((word) => word.startsWith('gallery/'));
  expect(command).toMatch(/ --grep @long$/);
  for (const file of files) expect(readFileSync(`e2e/${file}.spec.ts`, 'utf8')).toContain("tag: '@long'");
  expect(files).toEqual(['gallery/large-exports', 'gallery/killed-restores']);
});
