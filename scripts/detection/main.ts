// npm run detection: measures every detector on the sample photos, on hard cases made of them, and on LFW.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { laterStages } from '../../lib/models/detection-stages.ts';
import type { DetectionDescriptor } from '../../lib/models/manifest.ts';
import { definePageFunctions, type Server, withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { photoPathsOf, readPairs } from '../kit/lfw/pairs.ts';
import { readManifest } from '../kit/manifest.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotos, userPath } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { type Case, cases } from './cases.ts';
import { knownFaces } from './known-faces.ts';
import { detectInPage, detectionFunctions, type Photo, type Tally, trainInPage } from './page.ts';

const usage = `usage: npm run detection -- [--data DIR] [--limit N] [--detectors NAME,…] [--write]

--data       a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg; adds LFW, and the detector hog-svm,
             which is trained on it
--limit      the number of LFW's images; default 300
--detectors  measures only these detectors
--write      writes the table into docs/detection.md`;

/** OpenCV's cascade, as Debian's package opencv-data installs it. */
const cascade = '/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml';

/** The number of LFW's images that hog-svm is trained on. */
const trainingPhotoCount = 40;

/** A detector of the manifest, or a classical one with its model as text. */
interface Detector {
  name: string;
  bytes: number;
  model: string | null;
}

/** Photos with what is done to them before the detection. */
interface PhotoSet {
  name: string;
  photos: Photo[];
  change: Case;
}

runCommand(usage, main);

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
  const detectors = chooseDetectors(values.detectors?.split(','));
  const data = values.data && userPath(values.data);
  const sets = photoSets(data ? lfwPhotos(data, Number(values.limit)) : []);
  const folders = { '/samples': samplePhotos, ...(data && { '/lfw': join(data, 'images') }) };
  const results = await withPage({ folders }, async (page, { server }) => {
    await definePageFunctions(page, detectionFunctions);
    if (data) detectors.push(await trainHogSvm(page, server, data));
    return detectAll(page, server, detectors, sets);
  });
  const text = table(detectors, sets, results);
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/detection.md'), 'figures', text);
  return undefined;
}

function chooseDetectors(names: readonly string[] | undefined): Detector[] {
  const all = readManifest().models;
  const models = all.filter((model): model is DetectionDescriptor => model.task === 'detection');
  const detectors = (names ?? models.map(({ name }) => name)).map((name): Detector => {
    const model = models.find((each) => each.name === name);
    if (!model) {
      throw new Error(`--detectors: there is no "${name}": use ${models.map((each) => each.name).join(', ')}.`);
    }
    const stages = laterStages(model).flatMap((stage) => all.filter((each) => each.name === stage));
    const files = [model, ...stages].flatMap((each) => each.files);
    return { name, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), model: null };
  });
  if (existsSync(cascade)) {
    const model = readFileSync(cascade, 'utf8');
    detectors.push({ name: 'viola-jones', bytes: model.length, model });
  }
  return detectors;
}

function photoSets(lfw: Photo[]): PhotoSet[] {
  const samples: Photo[] = Object.entries(knownFaces).map(([name, faces]) => ({ address: `/samples/${name}`, faces }));
  const sets = cases.map((change) => ({ name: change.name, photos: samples, change }));
  return lfw.length > 0 ? [...sets, { name: `LFW, ${lfw.length} images`, photos: lfw, change: { name: 'LFW' } }] : sets;
}

/** An even sample of LFW's images. @param offset the index of the first; below the number of images over `limit`. */
function lfwPhotos(data: string, limit: number, offset = 0): Photo[] {
  const paths = photoPathsOf(readPairs(data));
  const step = Math.max(1, Math.floor(paths.length / limit));
  return paths
    .filter((_, i) => i % step === offset)
    .slice(0, limit)
    .map((path) => ({ address: `/lfw/${path}` }));
}

async function trainHogSvm(page: Page, { url }: Server, data: string): Promise<Detector> {
  process.stderr.write('hog-svm: training\n');
  const model = await page.evaluate(trainInPage, {
    library: `${url}dist/facenet-web.js`,
    training: `${url}dist/training.js`,
    models: `${url}models/`,
    photos: lfwPhotos(data, trainingPhotoCount, 1),
  });
  return { name: 'hog-svm', bytes: model.length, model };
}

/** The results by detector and set. */
async function detectAll(
  page: Page,
  { url }: Server,
  detectors: readonly Detector[],
  sets: readonly PhotoSet[],
): Promise<Tally[][]> {
  const results: Tally[][] = [];
  for (const { name, model } of detectors) {
    const tallies: Tally[] = [];
    for (const { name: set, photos, change } of sets) {
      process.stderr.write(`${name}: ${set}\n`);
      const load = { library: `${url}dist/facenet-web.js`, models: `${url}models/`, detector: name };
      tallies.push(await page.evaluate(detectInPage, { ...load, detectorModel: model, photos, change }));
    }
    results.push(tallies);
  }
  return results;
}

/** A cell is "found/faces", with "+n" for false positives. */
function table(detectors: readonly Detector[], sets: readonly PhotoSet[], results: readonly Tally[][]): string {
  const cell = ({ found, faces, falsePositives }: Tally) =>
    `${found}/${faces}${falsePositives > 0 ? ` +${falsePositives}` : ''}`;
  return markdownTable(
    ['', ...detectors.map(({ name }) => name)],
    [
      ...sets.map(({ name }, i) => [name, ...results.map((tallies) => cell(tallies[i] as Tally))]),
      ['ms per photo, 1920 pixels', ...results.map(([first]) => median((first as Tally).milliseconds).toFixed(0))],
      ['MB of weights', ...detectors.map(({ bytes }) => (bytes / 1e6).toFixed(1))],
    ],
  );
}
