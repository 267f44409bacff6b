import type { FaceNet } from 'facenet-web';
import { encodeJpeg } from '../../app/encode-jpeg.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import { type EmbeddingPoint, personIn } from './embedding-points.ts';

/** Geometric augmentations of a crop: none, mirrored, rotated, closer and farther. */
const transforms: ((context: CanvasRenderingContext2D, side: number) => void)[] = [
  () => {},
  (context, side) => context.transform(-1, 0, 0, 1, side, 0),
  (context, side) => rotateAndScale(context, side, 0.14, 1),
  (context, side) => rotateAndScale(context, side, -0.14, 1),
  (context, side) => rotateAndScale(context, side, 0, 1.16),
  (context, side) => rotateAndScale(context, side, 0.05, 0.86),
];

/** The darkening of each augmentation, 0 to 1. */
const darkening = [0, 0, 0.25, 0, 0.4, 0.55];

/** The side length of the crops, in pixels. */
const side = 224;

/**
 * Embeds several augmented crops of each face in the sample photos, because training needs several faces per person.
 *
 * @param onProgress called after every photo with the progress, 0 to 1.
 */
export async function augmentedFaces(
  facenet: FaceNet,
  onProgress: (progress: number) => void,
  signal: AbortSignal,
): Promise<EmbeddingPoint[]> {
  const points: EmbeddingPoint[] = [];
  for (const [i, sample] of samples.entries()) {
    const photo = await fetchSample(sample, signal);
    for (const [number, face] of (
      await facenet.detect(photo, { order: 'position', thorough: false, signal })
    ).entries()) {
      const crop = await createImageBitmap(await facenet.align(photo, face, { size: side, signal }));
      try {
        for (const [index, transform] of transforms.entries()) {
          const augmented = draw(crop, transform, darkening[index] ?? 0);
          const embedded = await facenet.embedCrop(augmented, { signal });
          points.push({ ...embedded, person: personIn(sample, number), name: '', crop: await encodeJpeg(augmented) });
        }
      } finally {
        crop.close();
      }
    }
    onProgress((i + 1) / samples.length);
  }
  return points;
}

function draw(crop: ImageBitmap, transform: (typeof transforms)[number], opacity: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.save();
  transform(context, side);
  context.drawImage(crop, 0, 0, side, side);
  context.restore();
  context.fillStyle = `rgb(0 0 0 / ${opacity})`;
  context.fillRect(0, 0, side, side);
  return canvas;
}

/** Rotates and scales about the centre. @param angle in radians. */
function rotateAndScale(context: CanvasRenderingContext2D, side: number, angle: number, scale: number): void {
  context.translate(side / 2, side / 2);
  context.rotate(angle);
  context.scale(scale, scale);
  context.translate(-side / 2, -side / 2);
}
