import type { Page } from 'playwright/test';
import { seeded } from '../../lib/core/random.ts';
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

/** Detects the faces of sample photos, changed as a row of `npm run detection` says. */
function detectChanged(page: Page, name: string, files: readonly string[]) {
  const photos = files.map((file) => ({ address: `/photos/${file}`, faces: knownFaces[file] ?? [] }));
  const change = cases.find((each) => each.name === name) as Case;
  const load = { models: '/models/', detector: 'blazeface-full' };
  return page.evaluate(detectInPage, { library: '/dist/facenet-web.js', load, searchesScales: true, photos, change });
}

for (const { name, numbers, minFound, maxFalse } of [
  { name: 'rolled by 180°', numbers: [1, 6], minFound: 7, maxFalse: 1 },
  { name: 'faces of 40 pixels', numbers: [1, 5, 6], minFound: 12, maxFalse: 0 },
  { name: 'brightness 15 %', numbers: [4], minFound: 4, maxFalse: 0 },
  { name: 'blurred by 6 % of the face', numbers: [4, 5], minFound: 2, maxFalse: 0 },
]) {
  test(`finds faces and little else in group photos: ${name}`, async ({ sharedPage: page }) => {
    await definePageFunctions(page, detectionFunctions);
    const files = numbers.map((number) => `sample${number}.jpg`);
    const { found, falsePositives } = await detectChanged(page, name, files);
    expect(found).toBeGreaterThanOrEqual(minFound);
    expect(falsePositives).toBeLessThanOrEqual(maxFalse);
  });
}

test('@long finds no fewer of the 22 faces of the sample photos than release 0.1.0, and no more false ones', async ({
  sharedPage: page,
}) => {
  await definePageFunctions(page, detectionFunctions);
  const released = {
    unchanged: [22, 0],
    'rolled by 30°': [22, 0],
    'rolled by 60°': [22, 0],
    'rolled by 90°': [22, 0],
    'rolled by 135°': [22, 0],
    'rolled by 180°': [22, 1],
    'faces of 40 pixels': [22, 0],
    'faces of 20 pixels': [14, 0],
    'brightness 15 %': [21, 0],
    'blurred by 6 % of the face': [8, 0],
    'lower half covered': [19, 0],
    'left half covered': [18, 0],
  };
  for (const [name, [minFound, maxFalse]] of Object.entries(released)) {
    const { found, falsePositives } = await detectChanged(page, name, Object.keys(knownFaces));
    expect.soft(found, name).toBeGreaterThanOrEqual(minFound as number);
    expect.soft(falsePositives, name).toBeLessThanOrEqual(maxFalse as number);
  }
});

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
  const isSlow = scenes.some((scene) => scene.kind === 'sheet' && scene.width > 720 && scene.face < 60);
  test(`${isSlow ? '@long ' : ''}finds at least 95 % of the faces of a ${name}`, async ({ sharedPage: page }) => {
    const { faces, found } = await count(page, scenes);
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

/** A part of a sample photo, in a small picture that is turned by quarters. */
interface Cutout {
  file: string;
  /** The left, upper, right and lower border as shares of the photo. */
  area: [number, number, number, number];
  turn: 0 | 1 | 2;
}

const whole: Cutout['area'] = [0, 0, 1, 1];
const cutouts: Cutout[] = [
  { file: 'sample2.jpg', area: whole, turn: 0 },
  { file: 'sample5.jpg', area: whole, turn: 1 },
  { file: 'sample6.jpg', area: whole, turn: 2 },
  // The left and the right border each go through a face.
  { file: 'sample6.jpg', area: [0.2, 0.1, 0.83, 0.5], turn: 0 },
];

/** Limits to compare: two scores, and a number of faces as a share of those with the lower score. */
interface Limits {
  low: number;
  high: number;
  share: number;
}

/** Runs in the page: draws a cutout. */
async function drawCutout({ file, area: [left, top, right, bottom], turn }: Cutout): Promise<OffscreenCanvas> {
  const bitmap = await createImageBitmap(await photo(`/photos/${file}`));
  const [width, height] = [(right - left) * bitmap.width, (bottom - top) * bitmap.height];
  const scale = 480 / Math.max(width, height);
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  const canvas = turn === 1 ? new OffscreenCanvas(h, w) : new OffscreenCanvas(w, h);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turn * Math.PI) / 2);
  context.drawImage(bitmap, left * bitmap.width, top * bitmap.height, width, height, -w / 2, -h / 2, w, h);
  bitmap.close();
  return canvas;
}

/** Runs in the page: the limits whose faces are not those of the lower score alone, and how many left faces out. */
async function checkLimits({ cutout, thorough, draws }: { cutout: Cutout; thorough: boolean; draws: Limits[] }) {
  const facenet = await library.FaceNet.load({ models: '/models/' });
  const picture = await drawCutout(cutout);
  const outcome = { differing: [] as string[], excluding: 0 };
  for (const { low, high, share } of draws) {
    const all = await facenet.detect(picture, { minScore: low, thorough });
    const maxFaces = 1 + Math.floor(share * all.length);
    const strongest = all.toSorted((a, b) => b.score - a.score);
    for (const [limits, expected] of [
      [{ minScore: high }, strongest.filter(({ score }) => score >= high)],
      [{ minScore: low, maxFaces }, strongest.slice(0, maxFaces)],
    ] as const) {
      const found = await facenet.detect(picture, { ...limits, thorough });
      if (JSON.stringify(found) !== JSON.stringify(expected))
        outcome.differing.push(JSON.stringify({ low, ...limits }));
      if (expected.length < all.length) outcome.excluding++;
    }
  }
  await facenet.dispose();
  return outcome;
}

test('minScore and maxFaces only limit the faces that are found, whatever their values', async ({
  sharedPage: page,
}) => {
  await definePageFunctions(page, { drawCutout });
  const random = seeded(Number(process.env.SEED ?? 1));
  let excluding = 0;
  for (const [cutout, thorough] of cutouts.flatMap((cutout) => [true, false].map((each) => [cutout, each] as const))) {
    const draws = Array.from({ length: isLong ? 8 : 1 }, (): Limits => {
      // Faces that were not found have scores below 0.5.
      const low = 0.5 * random();
      return { low, high: low + (1 - low) * random(), share: random() };
    });
    const outcome = await page.evaluate(checkLimits, { cutout, thorough, draws });
    expect(outcome.differing, JSON.stringify({ cutout, thorough })).toEqual([]);
    excluding += outcome.excluding;
  }
  expect(excluding, 'limits that leave faces out').toBeGreaterThanOrEqual(cutouts.length);
});
