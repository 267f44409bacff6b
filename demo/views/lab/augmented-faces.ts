import type { FaceNet } from 'facenet-web';
import { encodeJpeg } from '../../app/encode-jpeg.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import type { EmbeddingPoint } from './embedding-points.ts';

/** The ways in which a crop is varied: as if the photo had been taken again, a little differently. */
const variations: ((context: CanvasRenderingContext2D, side: number) => void)[] = [
  () => {},
  (context, side) => context.transform(-1, 0, 0, 1, side, 0),
  (context, side) => turn(context, side, 0.14, 1),
  (context, side) => turn(context, side, -0.14, 1),
  (context, side) => turn(context, side, 0, 1.16),
  (context, side) => turn(context, side, 0.05, 0.86),
];

/** How dark the light of a variation is, 0 to 1. */
const shades = [0, 0, 0.25, 0, 0.4, 0.55];

const side = 224;

/**
 * Several pictures of each person of the sample photos, to learn from: each face was photographed once and is varied here,
 * mirrored, turned, closer, darker.
 */
export async function augmentedFaces(
  facenet: FaceNet,
  onProgress: (progress: number) => void,
  signal: AbortSignal,
): Promise<EmbeddingPoint[]> {
  const points: EmbeddingPoint[] = [];
  for (const [i, sample] of samples.entries()) {
    const photo = await fetchSample(sample, signal);
    for (const [number, face] of (await facenet.detect(photo, { thorough: false, signal })).entries()) {
      const crop = await createImageBitmap(await facenet.align(photo, face, { size: side, signal }));
      for (const [way, vary] of variations.entries()) {
        const varied = draw(crop, vary, shades[way] ?? 0);
        const embedded = await facenet.embedCrop(varied, { signal });
        points.push({ ...embedded, person: `${sample.number} ${number}`, name: '', crop: await encodeJpeg(varied) });
      }
      crop.close();
    }
    onProgress((i + 1) / samples.length);
  }
  return points;
}

function draw(crop: ImageBitmap, vary: (typeof variations)[number], shade: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.save();
  vary(context, side);
  context.drawImage(crop, 0, 0, side, side);
  context.restore();
  context.fillStyle = `rgb(0 0 0 / ${shade})`;
  context.fillRect(0, 0, side, side);
  return canvas;
}

/** Turns what is drawn about the middle, and enlarges it. */
function turn(context: CanvasRenderingContext2D, side: number, angle: number, scale: number): void {
  context.translate(side / 2, side / 2);
  context.rotate(angle);
  context.scale(scale, scale);
  context.translate(-side / 2, -side / 2);
}
