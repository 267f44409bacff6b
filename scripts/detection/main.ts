// npm run detection [-- --data DIR] [--limit N] [--detectors A,B] [--write]: every detector on the sample photos, on hard
// cases made of them, and on LFW where it is here; --write keeps the table in docs/detection.md.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parsePairs, photoPath } from '../../lib/evaluation/index.ts';
import type { Manifest } from '../../lib/models/manifest.ts';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { cases } from './cases.ts';
import { knownFaces } from './known-faces.ts';
import { type Photo, searchInPage, type Tally, trainInPage } from './page.ts';

/** OpenCV's cascade where Debian's opencv-data puts it, and how many of LFW's images HOG and SVM learn from. */
const cascade = '/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml';
const trainingPhotos = 40;

const root = fileURLToPath(new URL('../..', import.meta.url));

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      limit: { type: 'string', default: '300' },
      detectors: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  buildLibrary();
  const { models } = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8')) as Manifest;
  const all = models.filter(({ task }) => task === 'detection');
  const asked = values.detectors?.split(',') ?? all.map(({ name }) => name);
  const detectors = asked.map((name) => {
    const model = all.find((each) => each.name === name);
    if (!model) throw new Error(`--detectors: there is no "${name}" among ${all.map((each) => each.name).join(', ')}.`);
    return { name, bytes: model.files.reduce((sum, { bytes }) => sum + bytes, 0), model: null as string | null };
  });
  if (existsSync(cascade)) {
    const model = readFileSync(cascade, 'utf8');
    detectors.push({ name: 'viola-jones', bytes: model.length, model });
  }

  const data = values.data && resolve(process.env.INIT_CWD ?? '.', values.data);
  const server = await serveLibrary({
    '/samples': join(root, 'node_modules/@vladmandic/face-api/demo'),
    ...(data && { '/lfw': join(data, 'images') }),
  });
  const samples: Photo[] = Object.entries(knownFaces).map(([name, faces]) => ({ address: `/samples/${name}`, faces }));
  const sets = cases.map((change) => ({ name: change.name, photos: samples, change }));
  const lfw = data ? lfwPhotos(data, Number(values.limit)) : [];
  if (lfw.length > 0) sets.push({ name: `LFW, ${lfw.length} images`, photos: lfw, change: { name: 'LFW' } });

  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    if (data) {
      process.stderr.write('hog-svm: training\n');
      const [library, training] = [`${server.url}dist/facenet-web.js`, `${server.url}dist/training.js`];
      const given = { library, training, models: `${server.url}models/`, photos: lfwPhotos(data, trainingPhotos, 1) };
      const model = await page.evaluate(trainInPage, given);
      detectors.push({ name: 'hog-svm', bytes: model.length, model });
    }
    const results: Tally[][] = [];
    for (const { name, model } of detectors) {
      const tallies: Tally[] = [];
      for (const { name: set, photos, change } of sets) {
        process.stderr.write(`${name}: ${set}\n`);
        const given = { library: `${server.url}dist/facenet-web.js`, models: `${server.url}models/`, detector: name };
        tallies.push(await page.evaluate(searchInPage, { ...given, detectorModel: model, photos, change }));
      }
      results.push(tallies);
    }
    const text = table(
      detectors,
      sets.map(({ name }) => name),
      results,
    );
    process.stdout.write(text);
    if (values.write) writeBetweenMarks(join(root, 'docs/detection.md'), 'figures', text);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** As many of LFW's images as are asked for, evenly picked from the one at `offset` on. */
function lfwPhotos(data: string, limit: number, offset = 0): Photo[] {
  const file = join(data, 'pairs.txt');
  if (!existsSync(file)) throw new Error(`${file} is missing: --data is a folder with pairs.txt and images/.`);
  const paths = [
    ...new Set(parsePairs(readFileSync(file, 'utf8')).flatMap(({ a, b }) => [photoPath(a), photoPath(b)])),
  ];
  const step = Math.max(1, Math.floor(paths.length / limit));
  return paths
    .filter((_, i) => i % step === offset)
    .slice(0, limit)
    .map((path) => ({ address: `/lfw/${path}` }));
}

/** Found of there, and "+n" for findings where there is no face. */
function table(detectors: { name: string; bytes: number }[], sets: string[], results: Tally[][]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const cell = ({ found, faces, false: wrong }: Tally) => `${found}/${faces}${wrong > 0 ? ` +${wrong}` : ''}`;
  const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
  return [
    row(['', ...detectors.map(({ name }) => name)]),
    row(['-', ...detectors.map(() => '-')]),
    ...sets.map((set, i) => row([set, ...results.map((tallies) => cell(tallies[i] as Tally))])),
    row(['ms per photo, 1920 pixels', ...results.map(([first]) => median((first as Tally).milliseconds).toFixed(0))]),
    row(['MB of weights', ...detectors.map(({ bytes }) => (bytes / 1e6).toFixed(1))]),
    '',
  ].join('\n');
}
