/** How a photo is presented to a camera anew, as the simulations have it. */
export type Presentation = 'unchanged' | 'printed' | 'on a screen' | 'blurred and compressed' | 'held in a hand';

/** Every presentation; the first is none. */
export const presentations: readonly Presentation[] = [
  'unchanged',
  'printed',
  'on a screen',
  'blurred and compressed',
  'held in a hand',
];

/**
 * Runs in the page: a photo as it might look when a camera photographs it again. It is a simulation from the causes that are
 * known (halftone dots and a narrower range of tones in print; the grid of a screen's pixels against the camera's, which gives
 * moiré, light in the blacks and a reflection; a lens out of focus; a card with a white edge before a room), and no attack.
 */
export async function rephotograph(photo: ImageBitmap, presentation: Presentation): Promise<ImageBitmap> {
  const { width, height } = photo;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  /** Each channel of each pixel anew. */
  const eachPixel = (change: (value: number, channel: number, x: number, y: number) => number) => {
    const image = context.getImageData(0, 0, width, height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += 4) {
        for (let c = 0; c < 3; c++) image.data[i + c] = change(image.data[i + c] as number, c, x, y);
      }
    }
    context.putImageData(image, 0, 0);
  };
  /** The canvas drawn onto itself, through a filter. */
  const filtered = (filter: string) => {
    const copy = canvas.transferToImageBitmap();
    context.filter = filter;
    context.drawImage(copy, 0, 0);
    context.filter = 'none';
    copy.close();
  };

  context.drawImage(photo, 0, 0);
  if (presentation === 'printed') {
    filtered('saturate(0.75) contrast(0.85)');
    // A screen of dots for each ink, at the angles that printers use.
    const angles = [15, 75, 45].map((angle) => (angle * Math.PI) / 180);
    eachPixel((value, channel, x, y) => {
      const angle = angles[channel] as number;
      const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
      return 25 + 0.84 * value + 18 * Math.cos((2 * Math.PI * u) / 3.3) * Math.cos((2 * Math.PI * v) / 3.3);
    });
    filtered('blur(0.6px)');
  } else if (presentation === 'on a screen') {
    // Stripes of red, green and blue that the camera's pixels, turned by two degrees, do not meet evenly.
    const turn = (2 * Math.PI) / 180;
    eachPixel((value, channel, x, y) => {
      const [u, v] = [x * Math.cos(turn) + y * Math.sin(turn), y * Math.cos(turn) - x * Math.sin(turn)];
      const stripe =
        1 + 0.25 * Math.cos(2 * Math.PI * (u / 2.17 + channel / 3)) + 0.12 * Math.cos((2 * Math.PI * v) / 2.09);
      return 14 + 0.92 * value * stripe + (channel === 2 ? 8 : 0);
    });
    filtered('blur(0.5px)');
    const glare = context.createRadialGradient(width * 0.3, height * 0.2, 0, width * 0.3, height * 0.2, width * 0.6);
    glare.addColorStop(0, 'rgb(255 255 255 / 0.25)');
    glare.addColorStop(1, 'rgb(255 255 255 / 0)');
    context.fillStyle = glare;
    context.fillRect(0, 0, width, height);
  } else if (presentation === 'blurred and compressed') {
    filtered('blur(1.5px)');
    return createImageBitmap(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.4 }));
  } else if (presentation === 'held in a hand') {
    // A room out of focus, before it a card that is a little turned, with a white edge.
    filtered('blur(30px) brightness(0.6) saturate(0.5)');
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
  return createImageBitmap(canvas);
}
