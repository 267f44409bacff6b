// npm run soak -- --minutes N: video, gallery and photos side by side for long, and what the page holds meanwhile.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { startMovingFaces } from '../kit/moving-faces.ts';
import { countHeld, startSoak } from './page.ts';
import { behaviours, curves, table } from './report.ts';
import { type Sample, sample } from './sample.ts';

const usage = `usage: npm run soak -- --minutes N [--every SECONDS]

--minutes  how long; a run of 30 or more without an error writes its table into docs/reliability.md and its curves into docs/soak.svg
--every    the seconds between samples; default 60

Exit code 1: something was not flat within its bound, or went wrong.`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const photos = join(root, 'node_modules/@vladmandic/face-api/demo');
const names = [1, 2, 3, 4, 5, 6].map((i) => `/photos/sample${i}.jpg`);

runCommand(main);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, every: { type: 'string', default: '60' } } });
  const [minutes, every] = [Number(values.minutes), Number(values.every)];
  if (!(minutes > 0) || !(every > 0)) throw new Error(usage);
  buildLibrary();
  const server = await serveLibrary({ '/photos': photos });
  const browser = await launchChromium(['--js-flags=--expose-gc']);
  try {
    const context = await browser.newContext();
    // tsx wraps named functions in a helper of this name.
    await context.addInitScript({ content: `globalThis.__name = (value) => value;(${countHeld})()` });
    const page = await openPage(context, server);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('crash', () => errors.push('the page crashed'));
    await page.evaluate(`globalThis.startMovingFaces = ${startMovingFaces}`);
    await page.evaluate(startSoak, names);
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
    // The first sample is of a page that still warms up.
    const settled = samples.slice(1);
    const report = table(settled, Math.round(elapsed()), `Chromium ${browser.version()}`);
    process.stdout.write(`${report}${errors.map((error) => `\n${error}`).join('')}\n`);
    const document = join(root, 'docs/reliability.md');
    if (minutes >= 30 && errors.length === 0 && existsSync(document)) {
      writeFileSync(join(root, 'docs/soak.svg'), curves(settled));
      writeBetweenMarks(document, 'soak', report);
    }
    const flat = Object.values(behaviours(settled)).every((behaviour) => behaviour.flat);
    return flat && errors.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await server.close();
  }
}
