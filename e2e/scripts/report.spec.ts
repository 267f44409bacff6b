import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'playwright/test';
import { repositoryPath, samplePhotos } from '../../scripts/kit/paths.ts';
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

test('report leaves unreadable photos out, names them, takes any file name, and stores nothing', async () => {
  const folder = labelledPhotos();
  // A folder in place of a file cannot be read, a text cannot be decoded.
  mkdirSync(join(folder, 'Bob', 'folder.jpg'));
  writeFileSync(join(folder, 'Bob', 'text 100%.jpg'), 'no photo');
  for (const name of ['3 #1.jpg', '4?.jpg', '5 100%.jpg']) {
    renameSync(join(folder, 'Ada', '1.jpg'), join(folder, 'Ada', name));
    copyFileSync(join(folder, 'Ada', name), join(folder, 'Ada', '1.jpg'));
  }
  const cache = repositoryPath('.cache/evaluation');
  const cached = () => (existsSync(cache) ? readdirSync(cache) : []);
  const [before, out] = [cached(), test.info().outputPath('report.html')];
  const { code, stderr } = await report('--data', folder, '--out', out);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('Bob/text 100%.jpg cannot be read');
  const page = readFileSync(out, 'utf8');
  expect(page).toMatch(/<dt>Photos<\/dt><dd>7<small>no face found in 0 others/);
  expect(page).toContain(
    '2 photos could not be read and are left out of all figures:<br>Bob/folder.jpg<br>Bob/text 100%.jpg',
  );
  expect(cached()).toEqual(before);
});

test('report refuses a malformed cohorts file, one with a misspelt name, a folder without photos, and no folder', async () => {
  const cohorts = test.info().outputPath('cohorts.csv');
  writeFileSync(cohorts, 'Ada\n');
  const misspelt = test.info().outputPath('misspelt.csv');
  writeFileSync(misspelt, 'Adda,indoors\nBob,outdoors\n');
  const photos = labelledPhotos();
  const empty = test.info().outputPath('empty');
  mkdirSync(empty);
  for (const [args, message] of [
    [['--data', photos, '--cohorts', cohorts], 'cohort'],
    [['--data', photos, '--cohorts', misspelt], 'match no photo: Adda.'],
    [['--data', empty], 'has no photos'],
    [[], 'usage: npm run report'],
  ] as const) {
    const { code, stderr } = await report(...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  }
});
