import type { Page } from 'playwright/test';
import { alteredRows, samplePortraits } from '../../scripts/detection/altered-rows.ts';
import type { Scene } from '../../scripts/detection/altered-scenes.ts';
import { type Case, cases } from '../../scripts/detection/cases.ts';
import { type Count, countFunctions, countScenes } from '../../scripts/detection/count-scenes.ts';
import { knownFaces } from '../../scripts/detection/known-faces.ts';
import { detectInPage, detectionFunctions } from '../../scripts/detection/page.ts';
import { startFaceNet } from '../../scripts/detection/systems.ts';
import { definePageFunctions } from '../../scripts/kit/browser.ts';
import { expect, test } from '../support/library.ts';
import { isLong, sampled } from '../support/sampling.ts';

/** `npm run detection -- --only altered` measures these and more scenes. */
const rows = alteredRows(samplePortraits('/photos'), []);

/** The scenes of a row; outside of `npm run test:long` as many of them as stated. */
function scenesOf(name: string, quickCount: number): Scene[] {
  return sampled(rows.find((row) => row.name === name)?.scenes ?? [], quickCount);
}

async function count(page: Page, scenes: Scene[]): Promise<Count> {
  expect(scenes.length).toBeGreaterThan(0);
  await definePageFunctions(page, countFunctions);
  await page.evaluate(startFaceNet, new URL('/', page.url()).href);
  return page.evaluate(countScenes, scenes);
}

for (const { name, minFound, maxWrong } of [
  { name: 'portraits', minFound: 1, maxWrong: 0 },
  { name: 'cut at the mouth', minFound: 0.95, maxWrong: 0 },
  { name: 'cut at the nose', minFound: 0.9, maxWrong: 0 },
  { name: 'drawn surgical mask', minFound: 0.9, maxWrong: 0 },
  { name: 'turned by 90°', minFound: 1, maxWrong: 0 },
  // One face of them all is detected more strongly upside down.
  { name: 'turned by 180°', minFound: 1, maxWrong: isLong ? 1 : 0 },
]) {
  test(`finds altered portraits at the right roll: ${name}`, async ({ sharedPage: page }) => {
    const { faces, found, wrongRoll } = await count(page, scenesOf(name, 8));
    expect(found / faces).toBeGreaterThanOrEqual(minFound);
    expect(wrongRoll).toBeLessThanOrEqual(maxWrong);
  });
}

for (const name of ['rolled by 180°', 'faces of 40 pixels']) {
  test(`finds all faces of group photos: ${name}`, async ({ sharedPage: page }) => {
    await definePageFunctions(page, detectionFunctions);
    const all = Object.entries(knownFaces).map(([file, faces]) => ({ address: `/photos/${file}`, faces }));
    const photos = sampled(all, 2);
    const change = cases.find((each) => each.name === name) as Case;
    const load = { models: '/models/', detector: 'blazeface-full' };
    const given = { library: '/dist/facenet-web.js', load, searchesScales: true, photos, change };
    const { faces, found, falsePositives } = await page.evaluate(detectInPage, given);
    expect(found).toBe(faces);
    expect(falsePositives).toBeLessThanOrEqual(1);
  });
}

test('finds distant heads at the right roll in plain pictures', async ({ sharedPage: page }) => {
  const scenes = [
    ...scenesOf('head of 60 to 160 pixels in 4000×500', 4),
    ...scenesOf('head of 90 to 160 pixels in 6000×4000', 1),
  ];
  const { faces, found, wrongRoll } = await count(page, scenes);
  expect({ found, wrongRoll }).toEqual({ found: faces, wrongRoll: 0 });
});

test('finds small heads in a corner of the picture', async ({ sharedPage: page }) => {
  const portraits = sampled(samplePortraits('/photos'), 10);
  // Faces of 1 to 1.2 times `minSize`. With eyes in whole pixels, the heads lie in a corner.
  const scenes = portraits.map((portrait, i): Scene => {
    const head = 1.5 * 25 * (1 + (0.2 * i) / portraits.length);
    return { kind: 'distant', portraits: [portrait], width: 1280, height: 960, head };
  });
  const { faces, found, wrongRoll } = await count(page, scenes);
  expect(found / faces).toBeGreaterThanOrEqual(0.9);
  expect(wrongRoll).toBe(0);
});

for (const { name, scenes } of rows.filter((row) => row.name.startsWith('crowd'))) {
  test(`finds at least 95 % of the faces of a ${name}`, async ({ sharedPage: page }) => {
    // Small faces in large pictures take long.
    const quick = scenes.filter((scene) => scene.kind === 'sheet' && (scene.face === 60 || scene.width <= 640));
    const { faces, found } = await count(page, sampled(quick, 2));
    expect(found / faces).toBeGreaterThanOrEqual(0.95);
  });
}

test('finds at most two faces in drawings without a person', async ({ sharedPage: page }) => {
  const all = rows.flatMap(({ scenes }) => scenes.filter(({ kind }) => kind === 'drawing'));
  expect(all.length).toBeGreaterThanOrEqual(60);
  // Outside of the long run, two of each kind.
  const drawings = isLong ? all : all.filter((scene) => 'seed' in scene && scene.seed <= 2);
  expect((await count(page, drawings)).false).toBeLessThanOrEqual(isLong ? 2 : 0);
});

test('minScore and maxFaces only limit the faces that are found', async ({ sharedPage: page }) => {
  const differences = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const differing: string[] = [];
    for (const name of ['sample2.jpg', 'sample5.jpg', 'sample6.jpg']) {
      const picture = await createImageBitmap(await photo(`/photos/${name}`), { resizeWidth: 800 });
      const all = await facenet.detect(picture, { minScore: 0.05 });
      const check = async (limit: { minScore?: number; maxFaces?: number }) => {
        const { minScore = 0.05, maxFaces = Number.POSITIVE_INFINITY } = limit;
        const expected = all.filter(({ score }) => score >= minScore).slice(0, maxFaces);
        const found = await facenet.detect(picture, { minScore, ...limit });
        if (JSON.stringify(found) !== JSON.stringify(expected)) differing.push(`${name} ${JSON.stringify(limit)}`);
      };
      for (const minScore of [0.3, 0.5, 0.7, 0.9]) await check({ minScore });
      for (const maxFaces of [1, 2]) await check({ maxFaces });
    }
    await facenet.dispose();
    return differing;
  });
  expect(differences).toEqual([]);
});
