import type { Page } from 'playwright';
import type { EmbeddedFace, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { definePageFunctions, type Server } from '../kit/browser.ts';
import { fetchBitmap } from '../kit/lfw/page-functions.ts';
import { markdownTable } from '../kit/markdown.ts';
import { type DrawnScene, drawScene, type Scene, type SceneFace, sceneFunctions } from './altered-scenes.ts';

/** The results of facenet-web on photos of LFW whose heads are upright. */
interface UprightCount {
  photos: number;
  found: number;
  /** Found faces whose roll is wrong by more than 60°. */
  wrongRoll: number;
  /** Found faces that `compare` calls the same person as that of the unaltered photo. */
  same: number;
}

/** How a photo is altered; undefined: not at all. */
type Alteration = Pick<Extract<Scene, { turn?: number }>, 'kind' | 'turn'> | undefined;

const alterations: [name: string, alteration: Alteration][] = [
  ['cut at the mouth', { kind: 'mouth' }],
  ['cut at the nose', { kind: 'nose' }],
  ['drawn surgical mask', { kind: 'masked' }],
  ['turned by 90°', { kind: 'plain', turn: 1 }],
  ['turned by 180°', { kind: 'plain', turn: 2 }],
];

/** The number of photos of one call in the page. */
const batch = 20;

/**
 * Detects and embeds the faces of LFW's photos, with the defaults, unaltered and altered. The heads are taken to be upright.
 *
 * @param photos the addresses of all photos.
 * @param sample the addresses of those that are altered.
 * @returns the table in Markdown.
 */
export async function measureUpright(
  page: Page,
  { url }: Server,
  photos: readonly string[],
  sample: readonly string[],
): Promise<string> {
  await definePageFunctions(page, { ...sceneFunctions, nearestFace });
  await page.evaluate(async (base) => {
    const address = `${base}dist/facenet-web.js`;
    const { FaceNet } = (await import(address)) as { FaceNet: typeof FaceNetClass };
    Object.assign(globalThis, { facenet: await FaceNet.load({ models: `${base}models/` }) });
  }, url);
  const rows = [['unaltered', undefined, photos] as const, ...alterations.map((each) => [...each, sample] as const)];
  const counts: UprightCount[] = [];
  for (const [name, alteration, addresses] of rows) {
    const total: UprightCount = { photos: 0, found: 0, wrongRoll: 0, same: 0 };
    for (let from = 0; from < addresses.length; from += batch) {
      process.stderr.write(`${name}: ${from} of ${addresses.length}\n`);
      const given = { addresses: addresses.slice(from, from + batch), alteration };
      const count = await page.evaluate(countUpright, given);
      for (const key of ['photos', 'found', 'wrongRoll', 'same'] as const) total[key] += count[key];
    }
    counts.push(total);
  }
  return markdownTable(
    ['LFW', 'photos', 'found', 'roll wrong by more than 60°', 'same person as unaltered'],
    counts.map(({ photos, found, wrongRoll, same }, i) => [
      rows[i]?.[0] as string,
      ...[photos, found, wrongRoll].map((count) => count.toLocaleString('en')),
      rows[i]?.[1] ? same.toLocaleString('en') : '–',
    ]),
  );
}

/** Runs in the page. */
async function countUpright(given: { addresses: readonly string[]; alteration: Alteration }): Promise<UprightCount> {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const count: UprightCount = { photos: 0, found: 0, wrongRoll: 0, same: 0 };
  for (const address of given.addresses) {
    const bitmap = await fetchBitmap(address);
    // An image of LFW has a face of about 0.4 of its width in its centre.
    const centre = { x: bitmap.width / 2, y: bitmap.height / 2, side: 0.4 * bitmap.width, roll: 0 };
    const unaltered = await nearestFace(facenet, bitmap, centre);
    count.photos++;
    let [face, expected] = [unaltered, centre as SceneFace];
    if (given.alteration && unaltered) {
      const { box } = unaltered;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const side = Math.max(box.width, box.height);
      const eye = (sign: number) => ({ x: x + sign * 0.2 * side, y: y - 0.14 * side });
      const portrait = { address, rightEye: eye(-1), leftEye: eye(1) };
      const scene = { ...given.alteration, portraits: [portrait] } as Scene;
      const { canvas, faces }: DrawnScene = await drawScene(scene);
      expected = faces[0] as SceneFace;
      face = await nearestFace(facenet, canvas, expected);
    }
    if (face) {
      count.found++;
      if (Math.cos(face.roll - expected.roll) < 0.5) count.wrongRoll++;
      if (unaltered && facenet.compare(face, unaltered).same) count.same++;
    }
    bitmap.close();
  }
  return count;
}

/** Runs in the page. The face at a place, embedded; undefined if none is found there. */
async function nearestFace(
  facenet: FaceNetClass,
  source: ImageBitmap | HTMLCanvasElement,
  { x, y, side }: SceneFace,
): Promise<EmbeddedFace | undefined> {
  const detections = await facenet.detect(source);
  const offset = ({ box }: (typeof detections)[number]) =>
    Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
  const near = detections.filter((detection) => {
    const ratio = Math.max(detection.box.width, detection.box.height) / side;
    return offset(detection) < 0.6 * side && ratio > 0.4 && ratio < 2.5;
  });
  const [nearest] = near.sort((a, b) => offset(a) - offset(b));
  return nearest && (await facenet.embed(source, nearest));
}
