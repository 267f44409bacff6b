import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, expect, type Page, test } from 'playwright/test';
import { serveFolder } from '../../scripts/kit/browser.ts';
import { launchWithExtension, startElectronApp } from '../support/apps.ts';
import {
  buildExample,
  exampleNames,
  folderOf,
  installPackage,
  readmeOf,
  servedExamples,
  siteOf,
} from '../support/examples.ts';

const sample = (number: number) =>
  fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url));

/** Parts of two sample photos that show the same person alone. */
const onePerson = [
  { number: 1, crop: { x: 1250, y: 50, width: 600, height: 700 } },
  { number: 3, crop: { x: 900, y: 120, width: 540, height: 620 } },
].map((part) => ({
  ...part,
  file: fileURLToPath(new URL(`../../test-results/example-photo/${part.number}.jpg`, import.meta.url)),
}));

/** The project that compares photos of different people. The others compare photos of the same person. */
const differentPeople = 'rollup';
const expected = (name: string) => {
  const alike = name !== differentPeople;
  return {
    photos: { 'a.jpg': onePerson[0]?.file ?? '', 'b.jpg': alike ? (onePerson[1]?.file ?? '') : sample(6) },
    text: alike ? /^the same person, computed by the worker/ : /^different people, computed by the worker/,
  };
};

/** The output of each build. All builds run concurrently. */
let builds: Record<string, Promise<string>>;

// Many concurrent builds take long on a busy machine.
test.describe.configure({ timeout: 600_000 });

test.beforeAll(async ({ browser }) => {
  installPackage();
  for (const part of onePerson) await cropPhoto(browser, part);
  builds = Object.fromEntries(exampleNames.map((name) => [name, buildExample(name, expected(name).photos)]));
  // The test of a project reports its failure.
  for (const build of Object.values(builds)) build.catch(() => {});
});

/** Writes a photo of one person. */
async function cropPhoto(browser: Browser, { number, crop, file }: (typeof onePerson)[0]): Promise<void> {
  const page = await browser.newPage();
  const given = { base64: readFileSync(sample(number), 'base64'), crop };
  const base64 = await page.evaluate(async ({ base64, crop: { x, y, width, height } }) => {
    const photo = await (await fetch(`data:image/jpeg;base64,${base64}`)).blob();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.drawImage(await createImageBitmap(photo, x, y, width, height), 0, 0);
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1] as string;
  }, given);
  await page.close();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.from(base64, 'base64'));
}

/** The errors and failed requests of a page from now on. */
function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('response', (response) => response.status() >= 400 && problems.push(response.url()));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return problems;
}

/**
 * The most bytes of scripts, uncompressed, that a page and its worker load to compare two photos with the defaults of any
 * bundler. TensorFlow.js alone has three times as many.
 */
const maxScriptBytes = 480_000;

/** Counts the bytes of the scripts that a page and its workers load from now on. */
function countScriptBytes(page: Page): () => Promise<number> {
  const bodies: Promise<Buffer>[] = [];
  page.context().on('response', (response) => {
    if (response.headers()['content-type']?.includes('javascript')) bodies.push(response.body());
  });
  return async () => (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
}

/** Waits until an example is built by the steps of its README. */
async function requireBuilt(name: string): Promise<void> {
  expect(readmeOf(name).length).toBeLessThanOrEqual(5);
  expect(await builds[name]).not.toMatch(/error|failed|unresolved|circular/i);
}

async function expectVerdict(page: Page, text: RegExp): Promise<void> {
  await expect(page.locator('output')).toHaveText(text, { timeout: 60_000 });
}

for (const name of servedExamples) {
  test(`${name}: the steps of its README, at most five lines, build a page that compares two photos`, async ({
    page,
  }) => {
    await requireBuilt(name);
    const server = await serveFolder(siteOf(name));
    const problems = problemsOf(page);
    const scriptBytes = countScriptBytes(page);
    await page.goto(server.url);
    await expectVerdict(page, expected(name).text);
    expect(problems).toEqual([]);
    expect(await scriptBytes()).toBeLessThan(maxScriptBytes);
    await server.close();
  });
}

test('extension: its popup shows the verdict of the offscreen document', async ({ browserName: _ }, testInfo) => {
  await requireBuilt('extension');
  const { context, url } = await launchWithExtension(folderOf('extension'), testInfo.outputPath('profile'));
  try {
    const page = await context.newPage();
    const problems = problemsOf(page);
    await page.goto(`${url}popup.html`);
    await expectVerdict(page, expected('extension').text);
    // The offscreen document is there already.
    await page.reload();
    await expectVerdict(page, expected('extension').text);
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
});

test('electron: its main process, on a stand-in for Electron, serves a page that compares two photos', async ({
  page,
}) => {
  await requireBuilt('electron');
  const app = await startElectronApp(folderOf('electron'));
  try {
    const problems = problemsOf(page);
    await page.goto(app.url);
    await expectVerdict(page, expected('electron').text);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(problems).toEqual([]);
    const outside = await page.request.get(new URL('/..%2Fmain.js', app.url).href);
    expect(outside.status(), 'files outside the site are not served').toBe(404);
  } finally {
    app.stop();
  }
});

test('file-url: a page opened from the disk compares two chosen photos', async ({ page }) => {
  await requireBuilt('file-url');
  const problems = problemsOf(page);
  await page.goto(pathToFileURL(`${folderOf('file-url')}/site/index.html`).href);
  await page.getByLabel('Two photos').setInputFiles(onePerson.map(({ file }) => file));
  await expectVerdict(page, /^the same person, computed by the page/);
  expect(problems).toEqual([]);
});
