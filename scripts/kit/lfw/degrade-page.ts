import type { Box, LandmarkedFace, Point } from '../../../lib/index.ts';
import type { DegradationName } from './degradations.ts';
import { uniformNumbers } from './uniform-numbers.ts';

/** Runs in the page: a photo with the defects of a degradation. The face has the landmarks of the mesh. */
export async function degradePhoto(
  bitmap: ImageBitmap,
  face: LandmarkedFace,
  name: DegradationName,
): Promise<OffscreenCanvas> {
  const amount = Number(/\d+$/.exec(name)?.[0] ?? 0);
  const side = face.box.width;
  const { width, height } = bitmap;
  const scale = name.startsWith('size') ? Math.min(1, amount / side) : 1;
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  if (name.startsWith('blur')) context.filter = `blur(${(amount / 1000) * side}px)`;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  context.filter = 'none';
  if (name.startsWith('dark')) changeLuminance(context, amount / 100, 0);
  if (name === 'bright') changeLuminance(context, 2.5, 0);
  if (name === 'haze') changeLuminance(context, 0.12, 180 - 0.12 * 128);
  if (name.startsWith('noise')) addPhotoNoise(context, amount, Math.round(1e3 * side));
  if (name === 'shadow') lightFromOneSide(context, face.box);
  if (name === 'specks') addSpecks(context, Math.round(1e3 * side));
  if (name === 'motion') blurAlongLine(context, bitmap, side);
  if (name === 'mask') drawSurgicalMask(context, face.landmarks.points);
  if (name === 'sunglasses') drawSunglasses(context, face.landmarks.points);
  if (name.startsWith('jpeg')) {
    const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: amount / 100 });
    context.drawImage(await createImageBitmap(file), 0, 0);
  }
  return canvas;
}

/** Runs in the page. */
function changeLuminance(context: OffscreenCanvasRenderingContext2D, factor: number, offset: number): void {
  const image = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let i = 0; i < image.data.length; i++) {
    if (i % 4 !== 3) image.data[i] = (image.data[i] as number) * factor + offset;
  }
  context.putImageData(image, 0, 0);
}

/** Runs in the page: full light on the left border of a box, 4 % on the right one, and the same beyond them. */
function lightFromOneSide(context: OffscreenCanvasRenderingContext2D, { x, width }: Box): void {
  const { canvas } = context;
  const light = context.createLinearGradient(x, 0, x + width, 0);
  light.addColorStop(0, 'rgb(0 0 0 / 0%)');
  light.addColorStop(1, 'rgb(0 0 0 / 96%)');
  context.fillStyle = light;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/** Runs in the page: makes a tenth of the pixels black or white, the same ones for the same seed. */
function addSpecks(context: OffscreenCanvasRenderingContext2D, seed: number): void {
  const random = uniformNumbers(seed);
  const image = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let i = 0; i < image.data.length; i += 4) {
    if (random() < 0.1) image.data.fill(random() < 0.5 ? 0 : 255, i, i + 3);
  }
  context.putImageData(image, 0, 0);
}

/** Runs in the page: Gaussian noise, the same for the same seed. */
function addPhotoNoise(context: OffscreenCanvasRenderingContext2D, deviation: number, seed: number): void {
  const random = uniformNumbers(seed);
  const image = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let i = 0; i < image.data.length; i++) {
    if (i % 4 === 3) continue;
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    image.data[i] = (image.data[i] as number) + deviation * normal;
  }
  context.putImageData(image, 0, 0);
}

/** Runs in the page: the mean of shifted copies along a line of 16 % of the face, in a direction that depends on its size. */
function blurAlongLine(context: OffscreenCanvasRenderingContext2D, bitmap: ImageBitmap, side: number): void {
  const length = 0.16 * side;
  const angle = Math.PI * ((side * 7.919) % 1);
  const copies = Math.ceil(length) + 1;
  for (let i = 0; i < copies; i++) {
    const at = (i / (copies - 1) - 0.5) * length;
    // Each copy has the weight 1 / copies in the end.
    context.globalAlpha = 1 / (i + 1);
    context.drawImage(bitmap, at * Math.cos(angle), at * Math.sin(angle));
  }
  context.globalAlpha = 1;
}

/** Runs in the page: a light blue mask from the bridge of the nose to the outline of the jaw, with pleats. */
function drawSurgicalMask(context: OffscreenCanvasRenderingContext2D, points: readonly Point[]): void {
  const jaw = [93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323];
  const [above, below] = [points[197] as Point, points[195] as Point];
  const outline = jaw.map((index) => points[index] as Point);
  outline.push({ x: (above.x + below.x) / 2, y: (above.y + below.y) / 2 });
  const heights = outline.map(({ y }) => y);
  const top = Math.min(...heights);
  const height = Math.max(...heights) - top;
  context.save();
  context.beginPath();
  for (const { x, y } of outline) context.lineTo(x, y);
  context.clip();
  context.fillStyle = 'rgb(150 195 220)';
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.fillStyle = 'rgb(127 166 187)';
  for (let pleat = 0; pleat < 6; pleat++) {
    context.fillRect(0, top + (pleat / 6) * height, context.canvas.width, 0.025 * height);
  }
  context.restore();
}

/** Runs in the page: dark glasses over both eyes. */
function drawSunglasses(context: OffscreenCanvasRenderingContext2D, points: readonly Point[]): void {
  const [right, left] = [points[33] as Point, points[263] as Point];
  const [innerRight, innerLeft] = [points[133] as Point, points[362] as Point];
  const width = Math.hypot(left.x - right.x, left.y - right.y);
  context.save();
  context.translate((right.x + left.x) / 2, (right.y + left.y) / 2);
  context.rotate(Math.atan2(left.y - right.y, left.x - right.x));
  context.fillStyle = 'rgb(14 14 16)';
  context.fillRect(-0.65 * width, -0.06 * width, 1.3 * width, 0.06 * width);
  const centre =
    Math.hypot(innerRight.x + right.x - innerLeft.x - left.x, innerRight.y + right.y - innerLeft.y - left.y) / 4;
  for (const sign of [-1, 1]) {
    context.beginPath();
    context.roundRect(sign * centre - 0.27 * width, -0.16 * width, 0.54 * width, 0.4 * width, 0.15 * width);
    context.fill();
  }
  context.restore();
}

/** The functions above, for definePageFunctions. */
export const degradeFunctions = {
  degradePhoto,
  changeLuminance,
  lightFromOneSide,
  addSpecks,
  uniformNumbers,
  addPhotoNoise,
  blurAlongLine,
  drawSurgicalMask,
  drawSunglasses,
};
