// npm run answers: records every number that the library computes for the sample photos, or compares it with an earlier
// record. A refactoring must leave all of them identical to the last bit.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { samplePhotoNames, samplePhotos, userPath } from '../kit/paths.ts';
import { answersInPage, type Configuration } from './page.ts';

const usage = `usage: npm run answers -- --out FILE | --against FILE

--out      records the answers
--against  compares the answers with an earlier record; writes FILE.now if they differ

Exit code 1: the answers differ.`;

const configurations: Configuration[] = [
  { preset: 'balanced' },
  { preset: 'fast' },
  { preset: 'accurate' },
  { preset: 'balanced', worker: false, landmarker: 'face-api-68' },
  { detector: 'ssd-mobilenet-v1', worker: false },
  { detector: 'tiny-yolo-v2', worker: false },
];

runCommand(usage, main);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, against: { type: 'string' } } });
  const path = values.out ?? values.against;
  if (!path) throw new Error(usage);
  buildLibrary();
  const text = `${JSON.stringify(await record(), undefined, 1)}\n`;
  const file = userPath(path);
  if (values.out) {
    writeFileSync(file, text);
    return 0;
  }
  const same = readFileSync(file, 'utf8') === text;
  process.stdout.write(same ? 'The answers are identical.\n' : 'The answers differ.\n');
  if (!same) writeFileSync(`${file}.now`, text);
  return same ? 0 : 1;
}

function record(): Promise<Record<string, unknown>> {
  return withPage({ folders: { '/photos': samplePhotos } }, async (page, { server }) => {
    const answers: Record<string, unknown> = {};
    for (const configuration of configurations) {
      const given = { base: server.url, photos: [...samplePhotoNames], configuration };
      answers[JSON.stringify(configuration)] = await page.evaluate(answersInPage, given);
    }
    return answers;
  });
}
