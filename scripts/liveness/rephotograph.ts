/** A simulated presentation of a photo to a camera. */
export type Presentation = 'unchanged' | 'printed' | 'on a screen' | 'blurred and compressed' | 'held in a hand';

/** Every presentation; the first is the original photo. */
export const presentations: readonly Presentation[] = [
  'unchanged',
  'printed',
  'on a screen',
  'blurred and compressed',
  'held in a hand',
];

/**
 * Runs in the page: simulates the recapture of a photo by a camera. The effects are halftone dots and a narrower tonal range
 * in print; moiré of a screen's pixels, light in the blacks and a reflection; a lens out of focus; and a card with a white
 * border in front of a room.
 */
export async function rephotograph(photo: ImageBitmap, presentation: Presentation): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.drawImage(photo, 0, 0);
  if (presentation === 'printed') drawPrint(context);
  else if (presentation === 'on a screen') drawScreen(context);
  else if (presentation === 'held in a hand') drawCard(context, photo);
  else if (presentation === 'blurred and compressed') {
    applyFilter(context, 'blur(1.5px)');
    return createImageBitmap(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.4 }));
  }
  return createImageBitmap(canvas);
}

/** The functions above and below, for definePageFunctions. */
export const rephotographFunctions = { rephotograph, drawPrint, drawScreen, drawCard, applyFilter, mapPixels };

/** Runs in the page. */
function drawPrint(context: OffscreenCanvasRenderingContext2D): void {
  applyFilter(context, 'saturate(0.75) contrast(0.85)');
  // A halftone screen for each ink, at the angles that printers use.
  const angles = [15, 75, 45].map((angle) => (angle * Math.PI) / 180);
  mapPixels(context, (value, channel, x, y) => {
    const angle = angles[channel] as number;
    const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
    return 25 + 0.84 * value + 18 * Math.cos((2 * Math.PI * u) / 3.3) * Math.cos((2 * Math.PI * v) / 3.3);
  });
  applyFilter(context, 'blur(0.6px)');
}

/** Runs in the page. */
function drawScreen(context: OffscreenCanvasRenderingContext2D): void {
  const { width, height } = context.canvas;
  // Red, green and blue stripes at two degrees to the camera's pixels, which makes moiré.
  const turn = (2 * Math.PI) / 180;
  mapPixels(context, (value, channel, x, y) => {
    const [u, v] = [x * Math.cos(turn) + y * Math.sin(turn), y * Math.cos(turn) - x * Math.sin(turn)];
    const stripe =
      1 + 0.25 * Math.cos(2 * Math.PI * (u / 2.17 + channel / 3)) + 0.12 * Math.cos((2 * Math.PI * v) / 2.09);
    return 14 + 0.92 * value * stripe + (channel === 2 ? 8 : 0);
  });
  applyFilter(context, 'blur(0.5px)');
  const glare = context.createRadialGradient(width * 0.3, height * 0.2, 0, width * 0.3, height * 0.2, width * 0.6);
  glare.addColorStop(0, 'rgb(255 255 255 / 0.25)');
  glare.addColorStop(1, 'rgb(255 255 255 / 0)');
  context.fillStyle = glare;
  context.fillRect(0, 0, width, height);
}

/** Runs in the page: draws the photo as a rotated card with a white border, in front of a room that is out of focus. */
function drawCard(context: OffscreenCanvasRenderingContext2D, photo: ImageBitmap): void {
  const { width, height } = context.canvas;
  applyFilter(context, 'blur(30px) brightness(0.6) saturate(0.5)');
  context.translate(width / 2, height / 2);
  context.rotate((-4 * Math.PI) / 180);
  context.scale(0.6, 0.6);
  context.fillStyle = 'white';
  context.shadowColor = 'black';
  context.shadowBlur = 40;
  context.fillRect(-0.53 * width, -0.53 * height, 1.06 * width, 1.06 * height);
  context.shadowColor = 'transparent';
  context.drawImage(photo, -width / 2, -height / 2, width, height);
}

/** Runs in the page: draws a canvas onto itself through a CSS filter. */
function applyFilter(context: OffscreenCanvasRenderingContext2D, filter: string): void {
  const copy = context.canvas.transferToImageBitmap();
  context.filter = filter;
  context.drawImage(copy, 0, 0);
  context.filter = 'none';
  copy.close();
}

/** Runs in the page: changes each colour channel of each pixel. */
function mapPixels(
  context: OffscreenCanvasRenderingContext2D,
  change: (value: number, channel: number, x: number, y: number) => number,
): void {
  const { width, height } = context.canvas;
  const image = context.getImageData(0, 0, width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      for (let c = 0; c < 3; c++) image.data[i + c] = change(image.data[i + c] as number, c, x, y);
    }
  }
  context.putImageData(image, 0, 0);
}
