import type { Box } from '../../../lib/index.ts';
import type { Operation } from './mixtures.ts';
import { uniformNumbers } from './uniform-numbers.ts';

/** Runs in the page: a photo with the defects of a mixture. @param box the box of the face. */
export async function mixPhoto(
  bitmap: ImageBitmap,
  box: Box,
  operations: readonly Operation[],
): Promise<OffscreenCanvas> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0);
  for (const operation of operations) await applyOperation(context, box, operation);
  return canvas;
}

/** Runs in the page. */
async function applyOperation(
  context: OffscreenCanvasRenderingContext2D,
  box: Box,
  operation: Operation,
): Promise<void> {
  const { canvas } = context;
  if (operation.name === 'disc' || operation.name === 'gaussian') spreadLight(context, box.width, operation);
  if (operation.name === 'curve') applyCurve(context, operation);
  if (operation.name === 'noise') addGrains(context, operation, Math.round(1e3 * box.width));
  if (operation.name === 'cover') {
    const { left, top, width, height, grey } = operation;
    context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    context.fillRect(box.x + left * box.width, box.y + top * box.height, width * box.width, height * box.height);
  }
  if (operation.name === 'resize') {
    const scale = Math.min(1, operation.side / box.width);
    const small = new OffscreenCanvas(Math.ceil(scale * canvas.width), Math.ceil(scale * canvas.height));
    const reduced = small.getContext('2d') as OffscreenCanvasRenderingContext2D;
    reduced.imageSmoothingQuality = 'high';
    reduced.drawImage(canvas, 0, 0, small.width, small.height);
    context.imageSmoothingEnabled = operation.smooth;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = true;
  }
  if (operation.name === 'jpeg') {
    const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: operation.quality });
    context.drawImage(await createImageBitmap(file), 0, 0);
  }
}

/** Runs in the page: the mean of copies that are shifted by the points of a disc or of a Gaussian. */
function spreadLight(
  context: OffscreenCanvasRenderingContext2D,
  side: number,
  operation: Extract<Operation, { name: 'disc' | 'gaussian' }>,
): void {
  const { canvas } = context;
  const copies = 48;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  copy.getContext('2d')?.drawImage(canvas, 0, 0);
  for (let i = 0; i < copies; i++) {
    // Vogel's spiral: points that cover a disc evenly.
    const share = (i + 0.5) / copies;
    const turn = i * Math.PI * (3 - Math.sqrt(5));
    const isDisc = operation.name === 'disc';
    const radius = side * (isDisc ? operation.radius * Math.sqrt(share) : Math.sqrt(-2 * Math.log(1 - share)));
    const [u, v] = [radius * Math.cos(turn), radius * Math.sin(turn)];
    const [a, b] = isDisc ? [u, v] : [u * operation.along, v * operation.across];
    const [cos, sin] = isDisc ? [1, 0] : [Math.cos(operation.angle), Math.sin(operation.angle)];
    // After the last copy, each has the weight 1 / copies.
    context.globalAlpha = 1 / (i + 1);
    context.drawImage(copy, a * cos - b * sin, a * sin + b * cos);
  }
  context.globalAlpha = 1;
}

/** Runs in the page. */
function applyCurve(
  context: OffscreenCanvasRenderingContext2D,
  { gamma, black, gain }: Extract<Operation, { name: 'curve' }>,
): void {
  const image = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let i = 0; i < image.data.length; i++) {
    if (i % 4 === 3) continue;
    image.data[i] = 255 * gain * Math.max(0, (image.data[i] as number) / 255 - black) ** gamma;
  }
  context.putImageData(image, 0, 0);
}

/** Runs in the page: Gaussian noise in grains, the same for the same seed. */
function addGrains(
  context: OffscreenCanvasRenderingContext2D,
  { deviation, grain }: Extract<Operation, { name: 'noise' }>,
  seed: number,
): void {
  const random = uniformNumbers(seed);
  const { width, height } = context.canvas;
  const columns = Math.ceil(width / grain);
  const noise = Float32Array.from({ length: 3 * columns * Math.ceil(height / grain) }, () => {
    return deviation * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  });
  const image = context.getImageData(0, 0, width, height);
  for (let i = 0; i < image.data.length; i++) {
    if (i % 4 === 3) continue;
    const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
    const at = 3 * (Math.floor(y / grain) * columns + Math.floor(x / grain)) + (i % 4);
    image.data[i] = (image.data[i] as number) + (noise[at] as number);
  }
  context.putImageData(image, 0, 0);
}

/** The functions above, for definePageFunctions. */
export const mixtureFunctions = { mixPhoto, applyOperation, spreadLight, applyCurve, addGrains, uniformNumbers };
