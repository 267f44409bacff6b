// npm run detection: measures every detector on the sample photos, on hard cases made of them, and on LFW, and compares
// the default detector with other libraries on altered portraits.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPage, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { photoPathsOf, readPairs } from '../kit/lfw/pairs.ts';
import { writeSection } from '../kit/markdown.ts';
import { openOwnModels } from '../kit/own-models.ts';
import { repositoryPath, samplePhotos, userPath } from '../kit/paths.ts';
import { measureAltered } from './altered.ts';
import { measureDetectors } from './detectors.ts';
import { measurePresets } from './presets.ts';
import { systemFolders } from './systems.ts';
import { measureUpright } from './upright.ts';

const usage = `usage: npm run detection -- [--data DIR] [--limit N] [--detector NAME]… [--models DIR]… [--only TABLE] [--write]

--data       a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg; adds LFW, and the detector hog-svm,
             which is trained on it
--limit      the number of LFW's images; default 300
--detector   measures only this detector; repeatable
--models     a folder that "npm run models:add" wrote, with further detectors; repeatable
--only       measures only one table: "detectors"; "presets" for the presets that search differently; "altered" for portraits that
             are cut, masked, turned, small or in a crowd, with facenet-web, face-api, Human and MediaPipe; "upright" for the rolls of
             all photos of LFW, and of altered ones
--write      writes the tables into docs/detection.md`;

/** The number of LFW's images that hog-svm is trained on. */
const trainingPhotoCount = 40;

/** The number of LFW's images among the altered portraits. */
const portraitCount = 60;

/** The number of LFW's images that the table of rolls alters. */
const alteredCount = 300;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      limit: { type: 'string', default: '300' },
      detector: { type: 'string', multiple: true },
      models: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  if (!['detectors', 'presets', 'altered', 'upright', undefined].includes(values.only)) throw new Error(usage);
  buildLibrary();
  const data = values.data && userPath(values.data);
  const own = openOwnModels(values.models);
  const folders = {
    ...own.folders,
    '/samples': samplePhotos,
    ...systemFolders,
    ...(data && { '/lfw': join(data, 'images') }),
  };
  const report = (name: string, text: string) => {
    process.stdout.write(`${text}\n`);
    if (values.write) writeSection(repositoryPath('docs/detection.md'), name, text);
  };
  await withBrowser({ folders }, async ({ browser, server }) => {
    const isWanted = (table: string) => values.only === undefined || values.only === table;
    if (isWanted('detectors')) {
      const lfw = {
        measured: data ? lfwPhotos(data, Number(values.limit)) : [],
        training: data ? lfwPhotos(data, trainingPhotoCount, 1) : [],
      };
      const page = await openPage(browser, server);
      report('figures', await measureDetectors(page, server, { names: values.detector, own }, lfw));
      await page.close();
    }
    if (isWanted('presets')) {
      const page = await openPage(browser, server);
      report('presets', await measurePresets(page, server, data ? lfwPhotos(data, Number(values.limit)) : []));
      await page.close();
    }
    if (isWanted('altered')) {
      report('altered', await measureAltered(browser, server, data ? lfwPhotos(data, portraitCount, 2) : []));
    }
    if (isWanted('upright') && data) {
      const page = await openPage(browser, server);
      const all = lfwPhotos(data, Number.POSITIVE_INFINITY);
      report('upright', await measureUpright(page, server, all, lfwPhotos(data, alteredCount, 3)));
      await page.close();
    }
  });
  return undefined;
}

/** The addresses of an even sample of LFW's images. @param offset the index of the first. */
function lfwPhotos(data: string, limit: number, offset = 0): string[] {
  const paths = photoPathsOf(readPairs(data));
  const step = Math.max(1, Math.floor(paths.length / limit));
  return paths
    .filter((_, i) => i % step === offset % step)
    .slice(0, limit)
    .map((path) => `/lfw/${path}`);
}
