import type { Browser, Page } from 'playwright';
import { definePageFunctions, openPage, type Server } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { drawScene, type Portrait, type Scene, sceneFunctions } from './altered-scenes.ts';
import { drawingFunctions, drawingNames } from './drawings.ts';
import { knownFaces } from './known-faces.ts';
import { systems } from './systems.ts';

/** The results of a system on the scenes of a row. */
interface Count {
  faces: number;
  found: number;
  /** Found faces whose roll is wrong by more than 60°. */
  wrongRoll: number;
  /** Detections where there is no face. */
  false: number;
}

/** A row of the table: its name and its scenes. */
interface Row {
  name: string;
  scenes: Scene[];
}

/** The number of portraits from which scenes of many pixels are made. */
const distantCount = 10;

/** The number of drawings of each kind. */
const seedCount = 6;

/** The pictures, in pixels, that are covered with heads, and the sides of the faces in them. */
const sheets: [width: number, height: number][] = [
  [480, 360],
  [640, 480],
  [720, 480],
  [960, 640],
  [1280, 960],
  [1920, 1280],
];
const sheetFaces = [25, 40, 60];

/**
 * Detects the faces of altered portraits with every system.
 *
 * @param lfw portraits of LFW, without eyes: facenet-web finds them in the unaltered photo.
 * @returns the table in Markdown.
 */
export async function measureAltered(browser: Browser, server: Server, lfw: readonly string[]): Promise<string> {
  let rows: Row[] | undefined;
  const columns: Count[][] = [];
  for (const { name, start } of systems) {
    // Each system has a page of its own: they bring their own copies of TensorFlow.js.
    const page = await openPage(browser, server);
    await definePageFunctions(page, { ...sceneFunctions, ...drawingFunctions, countScenes });
    await page.evaluate(start, server.url);
    rows ??= rowsOf(samplePortraits(), await portraitsOf(page, lfw));
    const counts: Count[] = [];
    for (const row of rows) {
      process.stderr.write(`${name}: ${row.name}\n`);
      counts.push(await page.evaluate(countScenes, row.scenes));
    }
    columns.push(counts);
    await page.close();
  }
  const cells = (rows ?? []).map(({ name }, i) => [name, ...columns.map((counts) => cell(counts[i] as Count))]);
  return markdownTable(['', ...systems.map(({ name }) => name)], cells);
}

function samplePortraits(): Portrait[] {
  return Object.entries(knownFaces).flatMap(([name, faces]) =>
    faces.flatMap(({ rightEye, leftEye }) =>
      rightEye && leftEye ? [{ address: `/samples/${name}`, rightEye, leftEye }] : [],
    ),
  );
}

/** Finds the eyes of LFW's portraits in the page of facenet-web. */
async function portraitsOf(page: Page, addresses: readonly string[]): Promise<Portrait[]> {
  return page.evaluate(
    async (list) => {
      const portraits: Portrait[] = [];
      for (const address of list) {
        const bitmap = await fetchBitmap(address);
        const canvas = newCanvas(bitmap.width, bitmap.height);
        canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
        const offset = ({ x, y }: { x: number; y: number }) => Math.hypot(x - bitmap.width / 2, y - bitmap.height / 2);
        const [face] = (await detect(canvas)).sort((a, b) => offset(a) - offset(b));
        if (!face) continue;
        const { x, y, side, roll = 0 } = face;
        const eye = (sign: number) => ({
          x: x + sign * 0.2 * side * Math.cos(roll) + 0.14 * side * Math.sin(roll),
          y: y + sign * 0.2 * side * Math.sin(roll) - 0.14 * side * Math.cos(roll),
        });
        portraits.push({ address, rightEye: eye(-1), leftEye: eye(1) });
      }
      return portraits;
    },
    [...addresses],
  );
}

function rowsOf(samples: readonly Portrait[], lfw: readonly Portrait[]): Row[] {
  const portraits = [...samples, ...lfw];
  const one = (kind: 'plain' | 'nose' | 'mouth' | 'masked', turn = 0): Scene[] =>
    portraits.map((portrait) => ({ kind, portraits: [portrait], turn }));
  const distant = (width: number, height: number): Scene[] =>
    portraits.slice(0, distantCount).map((portrait, i) => {
      return { kind: 'distant', portraits: [portrait], width, height, head: 100 + (i * 60) / distantCount };
    });
  const sheet = (width: number, height: number): Scene[] =>
    sheetFaces.map((face) => ({ kind: 'sheet', portraits: [...portraits], width, height, face }));
  const drawings = drawingNames.flatMap((name) =>
    Array.from({ length: seedCount }, (_, i): Scene => ({ kind: 'drawing', name, seed: i + 1, portraits: [] })),
  );
  return [
    { name: 'portraits', scenes: one('plain') },
    { name: 'cut at the mouth', scenes: one('mouth') },
    { name: 'cut at the nose', scenes: one('nose') },
    { name: 'drawn surgical mask', scenes: one('masked') },
    { name: 'turned by 90°', scenes: one('plain', 1) },
    { name: 'turned by 180°', scenes: one('plain', 2) },
    { name: 'head of 100 to 160 pixels in 4000×500', scenes: distant(4000, 500) },
    { name: 'head of 100 to 160 pixels in 6000×4000', scenes: distant(6000, 4000) },
    ...sheets.map(([width, height]) => ({ name: `crowd in ${width}×${height}`, scenes: sheet(width, height) })),
    { name: `${drawings.length} drawings without a face`, scenes: drawings },
  ];
}

/** Runs in the page. */
async function countScenes(scenes: readonly Scene[]): Promise<Count> {
  const count: Count = { faces: 0, found: 0, wrongRoll: 0, false: 0 };
  for (const scene of scenes) {
    const { canvas, faces } = await drawScene(scene);
    const detections = await detect(canvas);
    const unmatched = new Set(detections);
    for (const face of faces) {
      const near = detections.filter(
        ({ x, y, side }) =>
          Math.hypot(x - face.x, y - face.y) < 0.6 * face.side && side > 0.4 * face.side && side < 2.5 * face.side,
      );
      for (const detection of near) unmatched.delete(detection);
      const roll = near[0]?.roll;
      count.found += near.length > 0 ? 1 : 0;
      count.wrongRoll += roll !== undefined && Math.cos(roll - face.roll) < 0.5 ? 1 : 0;
    }
    count.faces += faces.length;
    // The cut-out of a group photo may show a neighbour.
    if (scene.kind === 'drawing') count.false += unmatched.size;
  }
  return count;
}

/** Runs in the page: the function of page-functions.ts and of altered-scenes.ts. */
declare function fetchBitmap(address: string): Promise<ImageBitmap>;
declare function newCanvas(width: number, height: number): HTMLCanvasElement;

/** A cell is "found/faces", with the number of wrong rolls; without faces, the number of false detections. */
function cell({ faces, found, wrongRoll, false: falseDetections }: Count): string {
  if (faces === 0) return `+${falseDetections}`;
  return `${found}/${faces}${wrongRoll > 0 ? `, ${wrongRoll} wrong` : ''}`;
}
