import type { Point } from '../../lib/index.ts';
import { fetchBitmap } from '../kit/lfw/page-functions.ts';
import type { KnownFace } from './known-faces.ts';

/** A photo with one face whose eyes are known. */
export interface Portrait extends Required<KnownFace> {
  address: string;
}

/** A picture to draw from portraits. */
export type Scene =
  | { kind: 'plain' | 'nose' | 'mouth' | 'masked'; portraits: [Portrait]; turn?: number }
  /** A head of `head` pixels in a plain picture. */
  | { kind: 'distant'; portraits: [Portrait]; width: number; height: number; head: number }
  /** Heads in a grid, with faces of `face` pixels, and the `minSize` of the search if it is not the default. */
  | { kind: 'sheet'; portraits: Portrait[]; width: number; height: number; face: number; minSize?: number }
  /** A drawing without a face. */
  | { kind: 'drawing'; name: string; seed: number; portraits: [] };

/** A face of a scene: the centre and the side of its box, in pixels, and its roll in radians. */
export interface SceneFace extends Point {
  side: number;
  roll: number;
}

/** A drawn scene and its faces. */
export interface DrawnScene {
  canvas: HTMLCanvasElement;
  faces: SceneFace[];
}

/** Runs in the page: draws a scene. */
export async function drawScene(scene: Scene): Promise<DrawnScene> {
  const { portraits } = scene;
  const bitmaps = new Map<string, ImageBitmap>();
  for (const { address } of portraits) {
    if (!bitmaps.has(address)) bitmaps.set(address, await fetchBitmap(address));
  }
  const bitmap = (portrait: Portrait) => bitmaps.get(portrait.address) as ImageBitmap;
  if (scene.kind === 'drawing') return { canvas: drawPicture(scene.name, scene.seed, 640, 480), faces: [] };
  if (scene.kind === 'distant' || scene.kind === 'sheet') return drawHeads(scene, bitmap);
  return drawPortrait(scene, bitmap(scene.portraits[0]));
}

/** Runs in the page. The box of BlazeFace about two eyes. */
function faceAbout({ rightEye, leftEye }: Required<KnownFace>): SceneFace & { distance: number } {
  const distance = Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y);
  const roll = Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x);
  const [x, y] = [(leftEye.x + rightEye.x) / 2, (leftEye.y + rightEye.y) / 2];
  const down = 0.35 * distance;
  return { x: x - Math.sin(roll) * down, y: y + Math.cos(roll) * down, side: 2.5 * distance, roll, distance };
}

/** Runs in the page: a portrait, cut out of the photo, with a mask, without a chin, or turned. */
function drawPortrait(
  { kind, portraits: [portrait], turn = 0 }: Extract<Scene, { portraits: [Portrait] }> & { turn?: number },
  bitmap: ImageBitmap,
): DrawnScene {
  const { x, y, side, roll, distance } = faceAbout(portrait);
  const [left, top] = [Math.max(0, x - 1.1 * side), Math.max(0, y - 1.2 * side)];
  // Below the eyes, a nose ends after 0.65 and a mouth lies at 1.1 distances of the eyes; the box's centre is at 0.35.
  const end = { nose: 0.3 * distance, mouth: 0.75 * distance }[kind as string] ?? 1.3 * side;
  const width = Math.round(Math.min(bitmap.width, x + 1.1 * side) - left);
  const height = Math.round(Math.min(bitmap.height, y + end) - top);
  const canvas = newCanvas(turn % 2 ? height : width, turn % 2 ? width : height);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turn * Math.PI) / 2);
  context.drawImage(bitmap, -left - width / 2, -top - height / 2);
  context.translate(x - left - width / 2, y - top - height / 2);
  const { e, f } = context.getTransform();
  context.rotate(roll);
  if (kind === 'masked') drawMask(context, distance, portrait.address.length);
  const turned = roll + (turn * Math.PI) / 2;
  return { canvas, faces: [{ x: e, y: f, side, roll: Math.atan2(Math.sin(turned), Math.cos(turned)) }] };
}

/** Runs in the page: a surgical mask on an upright face. The origin is the centre of its box. */
function drawMask(context: CanvasRenderingContext2D, distance: number, style: number): void {
  context.fillStyle = ['#a9c8d8', '#eceae6', '#2b2d33', '#7fb0a4'][style % 4] as string;
  context.beginPath();
  const outline = [-1, 0.1, -0.45, 0, 0, -0.2, 0.45, 0, 1, 0.1, 0.9, 0.9, 0.45, 1.5, -0.45, 1.5, -0.9, 0.9];
  for (let i = 0; i < outline.length; i += 2) {
    context.lineTo((outline[i] as number) * distance, (outline[i + 1] as number) * distance);
  }
  context.fill();
  context.fillStyle = 'rgb(0 0 0 / 12%)';
  for (const pleat of [0.35, 0.65, 0.95])
    context.fillRect(-0.8 * distance, pleat * distance, 1.6 * distance, distance / 25);
}

/** Runs in the page: one head in a plain picture, or heads side by side. */
function drawHeads(
  scene: Extract<Scene, { kind: 'distant' | 'sheet' }>,
  bitmapOf: (portrait: Portrait) => ImageBitmap,
): DrawnScene {
  const { width, height, portraits } = scene;
  const canvas = newCanvas(width, height);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#9aa5ad';
  context.fillRect(0, 0, width, height);
  const head = scene.kind === 'distant' ? scene.head : Math.round(1.5 * scene.face);
  const drawHead = (portrait: Portrait, left: number, top: number): SceneFace => {
    const { x, y, side, roll } = faceAbout(portrait);
    // A head is half as large again as its face.
    const cut = 1.5 * side;
    context.drawImage(bitmapOf(portrait), x - cut / 2, y - 0.55 * cut, cut, cut, left, top, head, head);
    return { x: left + head / 2, y: top + 0.55 * head, side: head / 1.5, roll };
  };
  if (scene.kind === 'distant') {
    const [portrait] = scene.portraits;
    // Eyes in whole pixels, such as those of the sample photos, put the head into the lower left corner.
    const place = (portrait.rightEye.x * 7919 + portrait.rightEye.y * 104_729) % 1;
    return { canvas, faces: [drawHead(portrait, place * (width - head), (1 - place) * (height - head))] };
  }
  const columns = Math.floor(width / head);
  const count = columns * Math.floor(height / head);
  const faces = Array.from({ length: count }, (_, i) =>
    drawHead(portraits[i % portraits.length] as Portrait, (i % columns) * head, Math.floor(i / columns) * head),
  );
  return { canvas, faces };
}

/** Runs in the page. */
function newCanvas(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement('canvas'), { width: Math.round(width), height: Math.round(height) });
}

/** Runs in the page: `drawPicture` of drawings.ts. */
declare function drawPicture(name: string, seed: number, width: number, height: number): HTMLCanvasElement;

/** The functions that {@link drawScene} calls, for definePageFunctions. */
export const sceneFunctions = { fetchBitmap, drawScene, faceAbout, drawPortrait, drawMask, drawHeads, newCanvas };
