import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { serveFolder } from '../scripts/browser.ts';
import { buildFixture, fixtureNames, installPackage, readmeOf, siteOf } from './fixtures.ts';

const sample = (number: number) =>
  fileURLToPath(new URL(`../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url));

/** One project is given photos of two people, all others photos of one. */
const strangers = 'rollup';
const expected = (name: string) => {
  const alike = name !== strangers;
  return {
    photos: { 'a.jpg': sample(1), 'b.jpg': sample(alike ? 3 : 6) },
    text: alike ? /^the same person, told by the worker/ : /^different people, told by the worker/,
  };
};

/** Every fixture's build, all of them side by side, and what came of it. */
let builds: Record<string, Promise<string>>;

// All of them are built at once, which takes a busy machine its time.
test.describe.configure({ timeout: 600_000 });

test.beforeAll(() => {
  installPackage();
  builds = Object.fromEntries(fixtureNames.map((name) => [name, buildFixture(name, expected(name).photos)]));
  // Each is told by the test that waits for it.
  for (const build of Object.values(builds)) build.catch(() => {});
});

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
