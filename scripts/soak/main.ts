// npm run soak: runs video, gallery and photos concurrently for a long time, and measures the resources that the page holds.
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { definePageFunctions, openPage, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotoNames, samplePhotos } from '../kit/paths.ts';
import { countResources } from './count-resources.ts';
import { soakFunctions, startSoak } from './page.ts';
import { behaviours, curves, table } from './report.ts';
import { type Sample, sample } from './sample.ts';

const usage = `usage: npm run soak -- --minutes N [--every SECONDS]

--minutes  the duration; a run of 30 or more without an error writes its table into docs/reliability.md and docs/soak.svg
--every    the seconds between samples; default 60

Exit code 1: a resource exceeded its bound, or an error occurred.`;

runCommand(usage, main);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, every: { type: 'string', default: '60' } } });
  const [minutes, every] = [Number(values.minutes), Number(values.every)];
  if (!(minutes > 0) || !(every > 0)) throw new Error(usage);
  buildLibrary();
  const options = { folders: { '/photos': samplePhotos }, flags: ['--js-flags=--expose-gc'] };
  return withBrowser(options, async ({ browser, server }) => {
    const context = await browser.newContext();
    // Before the page's own scripts. tsx wraps named functions in the helper __name.
    await context.addInitScript({ content: `globalThis.__name = (value) => value;(${countResources})()` });
    const page = await openPage(context, server);
    const { samples, errors, elapsed } = await run(page, minutes, every);
    // The first sample is taken while the page warms up.
    const settled = samples.slice(1);
    const report = table(settled, Math.round(elapsed), `Chromium ${browser.version()}`);
    process.stdout.write(`${report}${errors.map((error) => `\n${error}`).join('')}\n`);
    const document = repositoryPath('docs/reliability.md');
    if (minutes >= 30 && errors.length === 0 && existsSync(document)) {
      writeFileSync(repositoryPath('docs/soak.svg'), curves(settled));
      writeSection(document, 'soak', report);
    }
    const flat = Object.values(behaviours(settled)).every((behaviour) => behaviour.flat);
    return flat && errors.length === 0 ? 0 : 1;
  });
}

/** Runs the work and takes samples, until the time is over or an error occurs. */
async function run(
  page: Page,
  minutes: number,
  every: number,
): Promise<{ samples: Sample[]; errors: string[]; elapsed: number }> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('crash', () => errors.push('the page crashed'));
  await definePageFunctions(page, soakFunctions);
  await page.evaluate(
    startSoak,
    samplePhotoNames.map((name) => `/photos/${name}`),
  );
  const samples: Sample[] = [];
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 60_000;
  while (elapsed() < minutes && errors.length === 0) {
    await page.waitForTimeout(Math.min(every * 1000, Math.max(0, minutes - elapsed()) * 60_000));
    samples.push(await sample(page, elapsed()));
    process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`);
  }
  errors.push(...(await page.evaluate(() => soak.errors)));
  await page.evaluate(() => soak.stop());
  return { samples, errors, elapsed: elapsed() };
}
