// npm run identity: measures how fast and how reliably faces in videos are identified and tracked.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { definePageFunctions, withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotoNames, samplePhotos, userPath } from '../kit/paths.ts';
import { enrolDataSet, measureDecisions } from './decisions.ts';
import { enrolFacesOf, identityFunctions, startIdentity } from './page.ts';
import { compareRate } from './rate.ts';
import type { Scene } from './scene.ts';
import { measureScene, type SceneMeasures } from './scene-measures.ts';
import { locateFaces, sceneFunctions, watchScene } from './scene-page.ts';
import { continuityTable, steadyTable, trackingTable } from './scene-report.ts';
import { continuityScenes, sceneSubjects, steadyScenes, trackingScenes } from './scenes.ts';

const usage = `usage: npm run identity -- [--study NAME] [--data DIR] [--runs N] [--scene TEXT] [--before DIR] [--write]

--study  decisions: the time until a face is identified; continuity: cuts, crossings, seeks; steady: scenes in which the people
         stay; tracking: ids while people walk, turn and are covered. Default: all
--data   a folder with images/NAME/NAME_0001.jpg, as in LFW, for the decisions alone: of two thirds of the people one photo is
         enrolled and another one shown; the others are strangers. Default: the faces of the sample photos
--runs   the number of faces to show for the decisions; default 22
--before a checkout of an earlier commit, with dist and public/models: counts the frames a second of both builds instead
--scene  measures only scenes whose name contains this; not with --write
--write  writes the tables into docs/video.md`;

/** The studies of drawn scenes: the scenes, the table, and its section in docs/video.md. */
const sceneStudies = [
  { name: 'continuity', scenes: continuityScenes, table: continuityTable },
  { name: 'steady', scenes: steadyScenes, table: steadyTable },
  { name: 'tracking', scenes: trackingScenes, table: trackingTable },
];

runCommand(usage, main);

async function main(): Promise<undefined> {
  const values = readOptions();
  const count = Number(values.runs);
  const images = values.data && join(userPath(values.data), 'images');
  const report = (section: string, text: string) => {
    process.stdout.write(`${text}\n`);
    if (values.write) writeSection(repositoryPath('docs/video.md'), section, text);
  };
  buildLibrary();
  if (values.before) {
    process.stdout.write(`${await compareRate(userPath(values.before))}\n`);
    return;
  }
  await withPage({ folders: { '/photos': images || samplePhotos } }, async (page, { server }) => {
    await definePageFunctions(page, { ...identityFunctions, ...sceneFunctions });
    await page.evaluate(startIdentity, server.url);
    if (images) {
      report('identity-lfw', await measureDecisions(page, await enrolDataSet(page, images, count), count));
      return;
    }
    const photos = samplePhotoNames.map((name) => `/photos/${name}`);
    const subjects = await page.evaluate(enrolFacesOf, photos);
    if (isChosen(values.study, 'decisions')) report('identity', await measureDecisions(page, subjects, count));
    const faces = await page.evaluate(locateFaces, sceneSubjects(subjects));
    for (const { name, scenes, table } of sceneStudies) {
      if (!isChosen(values.study, name)) continue;
      const chosen = scenes(faces).filter((scene) => scene.name.includes(values.scene));
      report(name, table(await watchScenes(page, chosen)));
    }
  });
  return undefined;
}

/** Reads the command line. @throws {Error} for options that do not fit. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      study: { type: 'string', default: 'all' },
      data: { type: 'string' },
      runs: { type: 'string', default: '22' },
      scene: { type: 'string', default: '' },
      before: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.runs);
  const studies = ['all', 'decisions', ...sceneStudies.map(({ name }) => name)];
  if (!Number.isInteger(count) || count < 1 || !studies.includes(values.study)) throw new Error(usage);
  if (values.scene && values.write) throw new Error('--write needs all scenes of a table: leave out --scene.');
  return values;
}

const isChosen = (study: string, name: string) => study === 'all' || study === name;

async function watchScenes(page: Page, scenes: readonly Scene[]): Promise<SceneMeasures[]> {
  const measures: SceneMeasures[] = [];
  for (const scene of scenes) {
    const measured = measureScene(scene, await page.evaluate(watchScene, scene));
    measures.push(measured);
    const { scene: _, ...figures } = measured;
    process.stderr.write(`${scene.name}, ${scene.fps}/s: ${JSON.stringify(figures)}\n`);
  }
  return measures;
}
