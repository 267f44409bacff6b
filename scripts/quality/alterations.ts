import type { EmbeddedFace, Point } from '../../lib/index.ts';

/** The ways in which photos are altered. Lengths are relative to the width of the face's box. */
export const alterations = [
  'unchanged',
  'face of 20 px',
  'face of 12 px',
  'JPEG quality 3',
  'brightness 6 %',
  'blur of 5 %',
  'drawn mask',
  'drawn sunglasses',
] as const;

/** A way in which a photo is altered. */
export type Alteration = (typeof alterations)[number];

/** Runs in the page: a canvas of a size. */
export function newCanvas(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement('canvas'), { width, height });
}

/**
 * Runs in the page: draws a photo altered.
 *
 * @param face the face in the unchanged photo.
 * @param style selects the colour of a mask or of sunglasses.
 * @returns the canvas, and by how much it is scaled.
 */
export async function alter(
  photo: ImageBitmap,
  alteration: Alteration,
  { box, landmarks }: EmbeddedFace,
  style: number,
): Promise<{ canvas: HTMLCanvasElement; scale: number }> {
  const [, size] = /^face of (\d+) px$/.exec(alteration) ?? [];
  const scale = size ? Number(size) / box.width : 1;
  const canvas = newCanvas(Math.round(photo.width * scale), Math.round(photo.height * scale));
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  if (alteration === 'brightness 6 %') context.filter = 'brightness(0.06)';
  if (alteration === 'blur of 5 %') context.filter = `blur(${0.05 * box.width}px)`;
  context.drawImage(photo, 0, 0, canvas.width, canvas.height);
  context.filter = 'none';
  if (alteration === 'drawn mask') drawMask(context, landmarks.points, style);
  if (alteration === 'drawn sunglasses') drawSunglasses(context, landmarks.points, style);
  if (alteration === 'JPEG quality 3') {
    const file = await new Promise<Blob>((resolve) => {
      canvas.toBlob((blob) => resolve(blob as Blob), 'image/jpeg', 0.03);
    });
    context.drawImage(await createImageBitmap(file), 0, 0);
  }
  return { canvas, scale };
}

/** Runs in the page: a mask from the bridge of the nose to the chin. @param points of the scheme `mesh-468`. */
export function drawMask(context: CanvasRenderingContext2D, points: readonly Point[], style: number): void {
  const outline = [
    ...[234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454],
    ...[280, 5, 50],
  ].map((i) => points[i] as Point);
  const [left, right] = [outline[0] as Point, outline[20] as Point];
  const colour = ['#a9c8d8', '#eceae6', '#2b2d33', '#7fb0a4', '#cfae98', '#a03c3c'][style % 6] as string;
  const shade = context.createLinearGradient(left.x, left.y, right.x, right.y);
  for (const [offset, dark] of [
    [0, 30],
    [0.5, 0],
    [1, 20],
  ]) {
    shade.addColorStop(offset as number, `color-mix(in srgb, ${colour}, black ${dark}%)`);
  }
  context.fillStyle = shade;
  context.beginPath();
  for (const { x, y } of outline) context.lineTo(x, y);
  context.fill();
}

/** Runs in the page: dark lenses over both eyes, with a bridge. @param points of the scheme `mesh-468`. */
export function drawSunglasses(context: CanvasRenderingContext2D, points: readonly Point[], style: number): void {
  const centre = (...[a, b]: [number, number]): Point => ({
    x: ((points[a] as Point).x + (points[b] as Point).x) / 2,
    y: ((points[a] as Point).y + (points[b] as Point).y) / 2,
  });
  const [right, left] = [centre(33, 133), centre(263, 362)];
  const distance = Math.hypot(left.x - right.x, left.y - right.y);
  context.save();
  context.translate((left.x + right.x) / 2, (left.y + right.y) / 2);
  context.rotate(Math.atan2(left.y - right.y, left.x - right.x));
  const colour = ['#141416', '#3c281c', '#1e221e', '#2a3550'][style % 4] as string;
  const shade = context.createLinearGradient(0, -0.2 * distance, 0, 0.3 * distance);
  shade.addColorStop(0, colour);
  shade.addColorStop(1, `color-mix(in srgb, ${colour}, white 25%)`);
  context.fillStyle = shade;
  for (const side of [-0.5, 0.5]) {
    context.beginPath();
    context.ellipse(side * distance, 0.05 * distance, 0.4 * distance, 0.28 * distance, 0, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillRect(-0.15 * distance, -0.05 * distance, 0.3 * distance, 0.06 * distance);
  context.restore();
}

/** The functions of the page that draw. */
export const alterationFunctions = { newCanvas, alter, drawMask, drawSunglasses };
