import { decodeImage, type FaceNet } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import type { Library } from 'facenet-web/library';
import { encodeJpeg } from '../../app/encode-jpeg.ts';
import { galleryState } from '../../app/gallery.ts';
import { openedLibrary } from '../../app/library.ts';
import { fetchSample, type Sample, samples } from '../../app/samples.ts';
import { people } from '../photos/album.ts';
import { cropOf } from '../photos/crops.ts';
import type { FaceSourceName } from './FaceSource.tsx';

/** A face to plot. */
export interface EmbeddingPoint {
  embedding: Float32Array;
  model: string;
  /** An identifier shared by all faces of a person. */
  person: string;
  /** The person's name. Empty if unknown. */
  name: string;
  crop: Blob;
}

/**
 * Collects the faces of a source: the gallery, the Photos view or the samples.
 *
 * @param samplePoints returns the faces of the samples, which differ between panels.
 */
export async function embeddingPoints(
  source: FaceSourceName,
  samplePoints: () => Promise<EmbeddingPoint[]>,
  signal: AbortSignal,
): Promise<EmbeddingPoint[]> {
  if (source === 'samples') return samplePoints();
  if (source === 'photos') return albumPoints();
  const gallery = galleryState.peek();
  return gallery.status === 'open' ? galleryPoints(gallery.gallery, signal) : [];
}

/** The faces in the gallery that have a stored crop. */
async function galleryPoints(gallery: Gallery, signal: AbortSignal): Promise<EmbeddingPoint[]> {
  const names = new Map((await gallery.list({ signal })).map(({ id, name }) => [id, name]));
  const points: EmbeddingPoint[] = [];
  for (const { face, ...example } of await gallery.examples({ signal })) {
    const crop = await gallery.crop(face, { signal });
    if (crop) points.push({ ...example, name: names.get(example.person) ?? '', crop });
  }
  return points;
}

/** The grouped faces of the Photos view. */
async function albumPoints(): Promise<EmbeddingPoint[]> {
  const library = openedLibrary();
  const points: EmbeddingPoint[] = [];
  if (!library) return points;
  for (const { number, name } of people.peek()) {
    for (const face of library.facesOf(number)) {
      const crop = await cropOf(face);
      const embedded = crop && (await embeddingOf(library, face));
      if (embedded) points.push({ ...embedded, person: `person ${number}`, name, crop });
    }
  }
  return points;
}

/** The embedding of a face; undefined if an update of the library could not read its crop, or has not ended. */
async function embeddingOf(
  library: Library,
  face: number,
): Promise<Pick<EmbeddingPoint, 'embedding' | 'model'> | undefined> {
  try {
    const [embedded] = await library.embeddings([face]);
    return embedded && { embedding: embedded.embedding, model: embedded.model };
  } catch (error) {
    if (['library-unknown', 'model-mismatch'].includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
}

/** The side of the crops of the sample photos, in pixels. */
const cropSide = 150;

/**
 * The faces of the sample photos.
 *
 * @param onProgress called after every photo with the progress, 0 to 1.
 */
export async function samplePoints(
  facenet: FaceNet,
  onProgress: (progress: number) => void,
  signal: AbortSignal,
): Promise<EmbeddingPoint[]> {
  const points: EmbeddingPoint[] = [];
  for (const [i, sample] of samples.entries()) {
    const bitmap = await decodeImage(await fetchSample(sample, signal));
    try {
      for (const [number, face] of (await facenet.embed(bitmap, { order: 'position', signal })).entries()) {
        const crop = await encodeJpeg(toCanvas(await facenet.align(bitmap, face, { size: cropSide, signal })));
        points.push({
          embedding: face.embedding,
          model: face.model,
          person: personIn(sample, number),
          name: '',
          crop,
        });
      }
    } finally {
      bitmap.close();
    }
    onProgress((i + 1) / samples.length);
  }
  return points;
}

/** An identifier for the person of a face in a sample photo. @param number the face's index from left to right. */
export function personIn({ name, people }: Sample, number: number): string {
  return people[number] ?? `${name} ${number}`;
}

function toCanvas(pixels: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

/** The display name of each person: the name, or a numbered placeholder. */
export function personLabels(
  points: readonly EmbeddingPoint[],
  numbered: (number: number) => string,
): Map<string, string> {
  const labels = new Map<string, string>();
  for (const { person, name } of points) if (!labels.has(person)) labels.set(person, name || numbered(labels.size + 1));
  return labels;
}
