import { existsSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { laterStages } from '../../lib/models/detection-stages.ts';
import type { DetectionDescriptor } from '../../lib/models/manifest.ts';
import { definePageFunctions, type Server } from '../kit/browser.ts';
import { readManifest } from '../kit/manifest.ts';
import { markdownTable } from '../kit/markdown.ts';
import { modelAddresses, type OwnModels } from '../kit/own-models.ts';
import { median } from '../kit/statistics.ts';
import { type Case, cases } from './cases.ts';
import { knownFaces } from './known-faces.ts';
import { detectInPage, detectionFunctions, type Photo, type Tally, trainInPage } from './page.ts';

/** OpenCV's cascade, as Debian's package opencv-data installs it. */
const cascade = '/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml';

/** A detector of the manifest, or a classical one with its model as text. */
interface Detector {
  name: string;
  bytes: number;
  model: string | null;
  /** Whether it runs with the defaults of `detect`, instead of once on the whole photo. */
  searchesScales: boolean;
}

/** The detectors to measure. */
interface Choice {
  /** Their names; all if undefined, with viola-jones and hog-svm, which are not in the manifest. */
  names: readonly string[] | undefined;
  own: OwnModels;
}

/** Photos with what is done to them before the detection. */
export interface PhotoSet {
  name: string;
  photos: Photo[];
  change: Case;
}

/**
 * Detects the faces of the sample photos, unchanged and in hard cases, and of LFW with every detector.
 *
 * @param choice the detectors.
 * @param lfw images of LFW: those to measure, and those to train hog-svm on, none of them empty or both.
 * @returns the table in Markdown.
 */
export async function measureDetectors(
  page: Page,
  server: Server,
  choice: Choice,
  lfw: { measured: readonly string[]; training: readonly string[] },
): Promise<string> {
  const detectors = chooseDetectors(choice);
  const sets = photoSets(lfw.measured.map((address) => ({ address })));
  await definePageFunctions(page, detectionFunctions);
  if (!choice.names && lfw.training.length > 0) detectors.push(await trainHogSvm(page, server, lfw.training));
  return table(detectors, sets, await detectAll(page, modelAddresses(server.url, choice.own), detectors, sets));
}

function chooseDetectors({ names, own }: Choice): Detector[] {
  const all = [...own.models, ...readManifest().models];
  const models = all.filter((model): model is DetectionDescriptor => model.task === 'detection');
  const detectors = (names ?? models.map(({ name }) => name)).map((name): Detector => {
    const model = models.find((each) => each.name === name);
    if (!model) {
      throw new Error(`--detector: there is no "${name}": use ${models.map((each) => each.name).join(', ')}.`);
    }
    const stages = laterStages(model).flatMap((stage) => all.filter((each) => each.name === stage));
    const files = [model, ...stages].flatMap((each) => each.files);
    const searchesScales = /^(blazeface|mtcnn|anchors)$/.test(model.head.type);
    return { name, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), model: null, searchesScales };
  });
  if (!names && existsSync(cascade)) {
    const model = readFileSync(cascade, 'utf8');
    detectors.push({ name: 'viola-jones', bytes: model.length, model, searchesScales: false });
  }
  return detectors;
}

/** The sample photos, unchanged and in hard cases, and photos of LFW. */
export function photoSets(lfw: Photo[]): PhotoSet[] {
  const samples: Photo[] = Object.entries(knownFaces).map(([name, faces]) => ({ address: `/samples/${name}`, faces }));
  const sets = cases.map((change) => ({ name: change.name, photos: samples, change }));
  return lfw.length > 0 ? [...sets, { name: `LFW, ${lfw.length} images`, photos: lfw, change: { name: 'LFW' } }] : sets;
}

async function trainHogSvm(page: Page, { url }: Server, photos: readonly string[]): Promise<Detector> {
  process.stderr.write('hog-svm: training\n');
  const model = await page.evaluate(trainInPage, {
    library: `${url}dist/facenet-web.js`,
    training: `${url}dist/training.js`,
    models: `${url}models/`,
    photos: photos.map((address) => ({ address })),
  });
  return { name: 'hog-svm', bytes: model.length, model, searchesScales: false };
}

/** The results by detector and set. */
async function detectAll(
  page: Page,
  models: string[],
  detectors: readonly Detector[],
  sets: readonly PhotoSet[],
): Promise<Tally[][]> {
  const results: Tally[][] = [];
  for (const { name, model, searchesScales } of detectors) {
    const tallies: Tally[] = [];
    for (const { name: set, photos, change } of sets) {
      process.stderr.write(`${name}: ${set}\n`);
      const load = { models, detector: name, ...(model !== null && { detectorModel: model }), preset: 'balanced' };
      tallies.push(
        await page.evaluate(detectInPage, { library: '/dist/facenet-web.js', load, searchesScales, photos, change }),
      );
    }
    results.push(tallies);
  }
  return results;
}

/** "found/faces", with "+n" for false positives. */
export function cell({ found, faces, falsePositives }: Tally): string {
  return `${found}/${faces}${falsePositives > 0 ? ` +${falsePositives}` : ''}`;
}

function table(detectors: readonly Detector[], sets: readonly PhotoSet[], results: readonly Tally[][]): string {
  return markdownTable(
    ['', ...detectors.map(({ name }) => name)],
    [
      ...sets.map(({ name }, i) => [name, ...results.map((tallies) => cell(tallies[i] as Tally))]),
      ['ms per photo, 1920 pixels', ...results.map(([first]) => median((first as Tally).milliseconds).toFixed(0))],
      ['MB of weights', ...detectors.map(({ bytes }) => (bytes / 1e6).toFixed(1))],
    ],
  );
}
