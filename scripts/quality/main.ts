// npm run quality: measures how the components of a face's quality, and their advice, react to altered photos.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { QualityComponentName } from '../../lib/index.ts';
import { openPage, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { photoPathsOf, readPairs } from '../kit/lfw/pairs.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { alterations } from './alterations.ts';
import { type Assessment, assessPhotos, startPage } from './measure.ts';

const usage = `usage: npm run quality -- --data DIR [--limit N] [--write]

--data   a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--limit  the number of photos that are altered; default 60. Profiles are searched in five times as many
--write  writes the tables into docs/quality.md`;

/** The minimum yaw of a profile, in radians: 40°. */
const minProfileYaw = 0.7;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      limit: { type: 'string', default: '60' },
      write: { type: 'boolean', default: false },
    },
  });
  if (!values.data) throw new Error(usage);
  const data = userPath(values.data);
  const limit = Number(values.limit);
  buildLibrary();
  const columns = await withBrowser({ folders: { '/lfw': join(data, 'images') } }, async ({ browser, server }) => {
    const page = await openPage(browser, server);
    await startPage(page, server.url);
    const measured: [name: string, assessments: (Assessment | undefined)[]][] = [];
    const photos = lfwPhotos(data, limit);
    for (const alteration of alterations) {
      process.stderr.write(`${alteration}\n`);
      measured.push([alteration, await assessPhotos(page, photos, alteration)]);
    }
    const more = await assessPhotos(page, lfwPhotos(data, 5 * limit), 'unchanged');
    const isProfile = (each: Assessment | undefined) => each && Math.abs(each.quality.yaw) > minProfileYaw;
    measured.push(['profile', more.filter(isProfile)]);
    return measured;
  });
  const tables = { scores: scoreTable(columns), advice: adviceTable(columns) };
  for (const [name, text] of Object.entries(tables)) {
    process.stdout.write(`${text}\n`);
    if (values.write) writeSection(repositoryPath('docs/quality.md'), name, text);
  }
  return undefined;
}

/** An even sample of LFW's images. */
function lfwPhotos(data: string, limit: number): string[] {
  const paths = photoPathsOf(readPairs(data));
  const step = Math.max(1, Math.floor(paths.length / limit));
  return paths
    .filter((_, i) => i % step === 0)
    .slice(0, limit)
    .map((path) => `/lfw/${path}`);
}

type Columns = readonly [name: string, assessments: readonly (Assessment | undefined)[]][];

/** The mean score of each component, and of `overall`, by alteration. */
function scoreTable(columns: Columns): string {
  const found = columns.map(([, all]) => all.filter((each) => each !== undefined));
  const names = [...new Set(found.flat().flatMap(({ quality }) => Object.keys(quality.components)))];
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const scores = (name: string, all: readonly Assessment[]) =>
    all.flatMap(({ quality }) => quality.components[name as QualityComponentName]?.score ?? []);
  return markdownTable(
    ['', ...columns.map(([name]) => name)],
    [
      ['faces found', ...columns.map(([, all], i) => `${found[i]?.length}/${all.length}`)],
      ['`overall`', ...found.map((all) => mean(all.map(({ quality }) => quality.overall)).toFixed(2))],
      ...names.sort().map((name) => [`\`${name}\``, ...found.map((all) => mean(scores(name, all)).toFixed(0))]),
    ],
  );
}

/** The share of the faces that get each advice, in percent, by alteration. */
function adviceTable(columns: Columns): string {
  const found = columns.map(([, all]) => all.filter((each) => each !== undefined));
  const codes = [...new Set(found.flat().flatMap(({ advice }) => advice))].sort();
  const share = (all: readonly Assessment[], code: (typeof codes)[number]) =>
    ((100 * all.filter(({ advice }) => advice.includes(code)).length) / all.length).toFixed(0);
  return markdownTable(
    ['', ...columns.map(([name]) => name)],
    codes.map((code) => [`\`${code}\``, ...found.map((all) => share(all, code))]),
  );
}
