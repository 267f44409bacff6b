// npm run answers -- --out FILE | --against FILE: records every number that the library computes for the sample photos, or
// compares it with an earlier record. A refactoring must leave all of them identical to the last bit.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { answersInPage, type Configuration } from './page.ts';

const photos = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo', import.meta.url));

const configurations: Configuration[] = [
  { preset: 'balanced' },
  { preset: 'fast' },
  { preset: 'accurate' },
  { preset: 'balanced', worker: false, landmarker: 'face-api-68' },
  { detector: 'ssd-mobilenet-v1', worker: false },
  { detector: 'tiny-yolo-v2', worker: false },
];

runCommand(main);

/** @returns the exit code: 1 when the answers differ from the earlier record. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, against: { type: 'string' } } });
  const path = values.out ?? values.against;
  if (!path) throw new Error('usage: npm run answers -- --out FILE | --against FILE');
  buildLibrary();
  const text = `${JSON.stringify(await record(), undefined, 1)}\n`;
  const file = resolve(process.env.INIT_CWD ?? '.', path);
  if (values.out) {
    writeFileSync(file, text);
    return 0;
  }
  const same = readFileSync(file, 'utf8') === text;
  process.stdout.write(same ? 'The answers are identical.\n' : 'The answers differ.\n');
  if (!same) writeFileSync(`${file}.now`, text);
  return same ? 0 : 1;
}

async function record(): Promise<Record<string, unknown>> {
  const server = await serveLibrary({ '/photos': photos });
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    const names = [1, 2, 3, 4, 5, 6].map((n) => `sample${n}.jpg`);
    const answers: Record<string, unknown> = {};
    for (const configuration of configurations) {
      const given = { base: server.url, photos: names, configuration };
      answers[JSON.stringify(configuration)] = await page.evaluate(answersInPage, given);
    }
    return answers;
  } finally {
    await browser.close();
    await server.close();
  }
}
