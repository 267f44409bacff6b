import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, expect, test } from 'playwright/test';
import { serveFolder } from '../../scripts/kit/browser.ts';
import { buildFixture, fixtureNames, installPackage, readmeOf, siteOf } from '../support/examples.ts';

const sample = (number: number) =>
  fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url));

/** The right of the first sample photo: who is there is in front on the third. */
const one = fileURLToPath(new URL('../../test-results/fixture-photo/one.jpg', import.meta.url));
const place = { x: 1250, y: 50, width: 600, height: 700 };

/** One project is given photos of two people, all others photos of one. */
const strangers = 'rollup';
const expected = (name: string) => {
  const alike = name !== strangers;
  return {
    photos: { 'a.jpg': one, 'b.jpg': sample(alike ? 3 : 6) },
    text: alike ? /^the same person, told by the worker/ : /^different people, told by the worker/,
  };
};

/** Every fixture's build, all of them side by side, and what came of it. */
let builds: Record<string, Promise<string>>;

// All of them are built at once, which takes a busy machine its time.
test.describe.configure({ timeout: 600_000 });

test.beforeAll(async ({ browser }) => {
  installPackage();
  await cut(browser);
  builds = Object.fromEntries(fixtureNames.map((name) => [name, buildFixture(name, expected(name).photos)]));
  // Each is told by the test that waits for it.
  for (const build of Object.values(builds)) build.catch(() => {});
});

/** Cuts the one photo out of the other. */
async function cut(browser: Browser): Promise<void> {
  const page = await browser.newPage();
  const given = { base64: readFileSync(sample(1), 'base64'), place };
  const base64 = await page.evaluate(async ({ base64, place: { x, y, width, height } }) => {
    const photo = await (await fetch(`data:image/jpeg;base64,${base64}`)).blob();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.drawImage(await createImageBitmap(photo, x, y, width, height), 0, 0);
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1] as string;
  }, given);
  await page.close();
  mkdirSync(dirname(one), { recursive: true });
  writeFileSync(one, Buffer.from(base64, 'base64'));
}

for (const name of fixtureNames) {
  test(`${name}: from an empty folder to a recognised face by five lines`, async ({ page }) => {
    expect(readmeOf(name).length).toBeLessThanOrEqual(5);
    const said = await builds[name];
    expect(said).not.toMatch(/error|failed|unresolved|circular/i);
    const server = await serveFolder(siteOf(name));
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('response', (response) => response.status() >= 400 && problems.push(response.url()));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(server.url);
    await expect(page.locator('output')).toHaveText(expected(name).text, { timeout: 60_000 });
    expect(problems).toEqual([]);
    await server.close();
  });
}
