import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'playwright/test';
import { samplePhotos } from '../../scripts/kit/paths.ts';
import { runScript } from '../support/command.ts';

/** Runs `npm run --silent report` without its set-up. */
const report = (...args: string[]) => runScript('scripts/report/main.ts', ...args);

/** A folder with four photos of two people. Who is in them does not matter here. */
function labelledPhotos(): string {
  const folder = test.info().outputPath('photos');
  const photos = { 'Ada/1.jpg': 'sample1.jpg', 'Ada/2.jpg': 'sample2.jpg', 'Bob/1.jpg': 'sample3.jpg' };
  for (const [path, sample] of Object.entries({ ...photos, 'Bob/2.jpg': 'sample4.jpg' })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(samplePhotos, sample), join(folder, path));
  }
  return folder;
}

test('report writes one page with the figures of all photos and of each cohort', async () => {
  const [cohorts, out] = [test.info().outputPath('cohorts.csv'), test.info().outputPath('door.html')];
  writeFileSync(cohorts, 'person,cohort\nAda,"indoors, day"\nBob,outdoors\nBob/2.jpg,"indoors, day"\n');
  const options = ['--cohorts', cohorts, '--out', out, '--title', 'Door <3>', '--note', 'Four sample photos.'];
  const { code, stdout, stderr } = await report('--data', labelledPhotos(), ...options);
  expect(code, stderr).toBe(0);
  expect(stdout.trim().split('\n').at(-1)).toBe(out);
  const page = readFileSync(out, 'utf8');
  for (const text of [
    '<h1>Door &lt;3&gt;</h1>',
    'Four sample photos.',
    'indoors, day',
    'outdoors',
    'FNMR',
    'balanced',
    'the threshold and the probability follow the quality of both photos',
  ]) {
    expect(page).toContain(text);
  }
  // Self-contained: it runs no script, and requests nothing.
  expect(page).not.toMatch(/<script|<link|<img|src=|url\(/);
});

test('report refuses a malformed cohorts file, a folder without photos, and no folder', async () => {
  const cohorts = test.info().outputPath('cohorts.csv');
  writeFileSync(cohorts, 'Ada\n');
  const photos = labelledPhotos();
  const empty = test.info().outputPath('empty');
  mkdirSync(empty);
  for (const [args, message] of [
    [['--data', photos, '--cohorts', cohorts], 'cohort'],
    [['--data', empty], 'has no photos'],
    [[], 'usage: npm run report'],
  ] as const) {
    const { code, stderr } = await report(...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  }
});
