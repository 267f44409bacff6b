import type { Page } from 'playwright';
import { definePageFunctions, type Server } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { median } from '../kit/statistics.ts';
import { cell, photoSets } from './detectors.ts';
import { detectInPage, detectionFunctions, type Tally } from './page.ts';

/** The presets that search photos differently. */
const presets = ['balanced', 'fast', 'library'];

/** Detects the faces of the sample photos, unchanged and in hard cases, and of LFW with presets. @returns the table in Markdown. */
export async function measurePresets(page: Page, { url }: Server, lfw: readonly string[]): Promise<string> {
  await definePageFunctions(page, detectionFunctions);
  const sets = photoSets(lfw.map((address) => ({ address })));
  const results: Tally[][] = [];
  for (const preset of presets) {
    const tallies: Tally[] = [];
    for (const { name, photos, change } of sets) {
      process.stderr.write(`${preset}: ${name}\n`);
      const load = { models: `${url}models/`, preset };
      const given = { library: '/dist/facenet-web.js', load, searchesScales: true, photos, change };
      tallies.push(await page.evaluate(detectInPage, given));
    }
    results.push(tallies);
  }
  const milliseconds = results.map(([first]) => median((first as Tally).milliseconds));
  const [reference] = milliseconds as [number];
  return markdownTable(
    ['', ...presets],
    [
      ...sets.map(({ name }, i) => [name, ...results.map((tallies) => cell(tallies[i] as Tally))]),
      ['time per photo, 1920 pixels', ...milliseconds.map((each) => (each / reference).toFixed(2))],
    ],
  );
}
