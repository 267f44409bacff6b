import type { FaceNet as FaceNetClass, LoadOptions } from '../../lib/index.ts';
import { fetchBitmap, pageFunctions } from '../kit/lfw/page-functions.ts';
import type { Case } from './cases.ts';
import type { KnownFace } from './known-faces.ts';

/** A photo. Without known faces it has one face, in its centre. */
export interface Photo {
  address: string;
  faces?: KnownFace[];
}

/** The results of a detector on some photos. */
export interface Tally {
  /** The number of faces, and of those found. */
  faces: number;
  found: number;
  /** The detections that match no face; counted only in photos with known faces. */
  falsePositives: number;
  /** The time of each call. */
  milliseconds: number[];
}

/** The centre and the side of a face, in pixels. */
interface Target {
  x: number;
  y: number;
  side: number;
}

/** The functions that the others call, for definePageFunctions. */
export const detectionFunctions = { ...pageFunctions, loadDetector, targetOf, renderCase };

/** Runs in the page: trains hog-svm on the faces that the default detector finds. @returns the model's JSON. */
export async function trainInPage(given: { library: string; training: string; models: string; photos: Photo[] }) {
  const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
  const { trainHogSvm } = (await import(given.training)) as typeof import('../../lib/training/index.ts');
  const facenet = await FaceNet.load({ models: given.models, preset: 'fast' });
  const pictures = [];
  for (const { address } of given.photos) {
    const bitmap = await fetchBitmap(address);
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height) as ImageData;
    pictures.push({ pixels, faces: await facenet.detect(pixels, { thorough: false }) });
  }
  await facenet.dispose();
  return JSON.stringify(await trainHogSvm(pictures));
}

/** What the page loads. */
interface DetectorOptions {
  library: string;
  /** What to load: a preset, a detector, the model of a classical one. */
  load: LoadOptions;
}

/** Runs in the page: detects the faces of photos, each changed as the case says. */
export async function detectInPage(
  given: DetectorOptions & { searchesScales: boolean; photos: Photo[]; change: Case },
): Promise<Tally> {
  const facenet = await loadDetector(given);
  // The other detectors are made for one pass over the whole image. Rotated views and tiles would take seconds.
  const options = given.searchesScales ? {} : { thorough: false, minSize: 200 };
  const tally: Tally = { faces: 0, found: 0, falsePositives: 0, milliseconds: [] };
  for (const photo of given.photos) {
    const bitmap = await fetchBitmap(photo.address);
    // An image of LFW has a face of about 0.4 of its width in its centre.
    const targets = photo.faces?.map((face) => targetOf(face, 220)) ?? [
      { x: bitmap.width / 2, y: bitmap.height / 2, side: 0.4 * bitmap.width },
    ];
    const { canvas, moved } = renderCase(bitmap, targets, given.change);
    const start = performance.now();
    const detections = await facenet.detect(canvas, options);
    tally.milliseconds.push(performance.now() - start);
    const matches = ({ box }: (typeof detections)[number], face: Target) => {
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const ratio = Math.max(box.width, box.height) / face.side;
      return Math.hypot(x - face.x, y - face.y) < 0.6 * face.side && ratio > 0.4 && ratio < 2.5;
    };
    tally.faces += moved.length;
    tally.found += moved.filter((face) => detections.some((detection) => matches(detection, face))).length;
    if (photo.faces) {
      const isFalse = (detection: (typeof detections)[number]) => !moved.some((face) => matches(detection, face));
      tally.falsePositives += detections.filter(isFalse).length;
    }
    bitmap.close();
  }
  return tally;
}

/** Runs in the page. A FaceNet with the detector; the one of the last call, if it has the same. */
async function loadDetector({ library, load }: DetectorOptions): Promise<FaceNetClass> {
  const page = globalThis as { facenet?: FaceNetClass; loaded?: string };
  const loaded = `${load.preset} ${load.detector}`;
  if (!page.facenet || page.loaded !== loaded) {
    await page.facenet?.dispose();
    const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
    page.facenet = await FaceNet.load(load);
    page.loaded = loaded;
  }
  return page.facenet;
}

/** Runs in the page. The side of a face is about two and a half times the distance of its eyes. */
function targetOf({ rightEye, leftEye }: KnownFace, defaultSide: number): Target {
  const one = rightEye ?? leftEye ?? { x: 0, y: 0 };
  const other = leftEye ?? rightEye ?? one;
  const distance = Math.hypot(one.x - other.x, one.y - other.y);
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, side: distance > 0 ? 2.5 * distance : defaultSide };
}

/** Runs in the page: draws a photo as the case says. @returns the canvas, and the faces in it. */
function renderCase(
  bitmap: ImageBitmap,
  targets: readonly Target[],
  change: Case,
): { canvas: OffscreenCanvas; moved: Target[] } {
  const usualSide = targets.map(({ side }) => side).sort((a, b) => a - b)[targets.length >> 1] ?? 1;
  const scale = change.faceSize ? change.faceSize / usualSide : 1;
  const angle = ((change.roll ?? 0) * Math.PI) / 180;
  const diagonal = Math.ceil(Math.hypot(bitmap.width, bitmap.height));
  const original: [number, number] = [bitmap.width, bitmap.height];
  const [width, height] = change.faceSize ? [1920, 1440] : change.roll ? [diagonal, diagonal] : original;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.fillStyle = '#808080';
  context.fillRect(0, 0, width, height);
  context.filter = `brightness(${change.brightness ?? 1}) blur(${(change.blur ?? 0) * usualSide}px)`;
  context.imageSmoothingQuality = 'high';
  context.translate(width / 2, height / 2);
  context.rotate(angle);
  context.scale(scale, scale);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  context.filter = 'none';
  const moved = targets.map(({ x, y, side }) => {
    const [left, top] = [x - bitmap.width / 2 - side, y - bitmap.height / 2];
    if (change.covered === 'lower') context.fillRect(left, top + 0.25 * side, 2 * side, 2 * side);
    if (change.covered === 'left') context.fillRect(left, top - side, side, 2.5 * side);
    const [dx, dy] = [(x - bitmap.width / 2) * scale, (y - bitmap.height / 2) * scale];
    return {
      x: width / 2 + dx * Math.cos(angle) - dy * Math.sin(angle),
      y: height / 2 + dx * Math.sin(angle) + dy * Math.cos(angle),
      side: side * scale,
    };
  });
  return { canvas, moved };
}
