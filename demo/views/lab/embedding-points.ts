import type { FaceNet } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import { galleryState } from '../../app/gallery.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import { faces, grouping } from '../photos/album.ts';
import { embedPhotos, type PhotoFace } from '../photos/embed-photos.ts';
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
function albumPoints(): EmbeddingPoint[] {
  return grouping
    .peek()
    .groups.flatMap(({ id, name, members }) =>
      members.map((member) => toPoint(faces.peek()[member] as PhotoFace, `group ${id}`, name)),
    );
}

/** The faces of the sample photos. Each counts as a different person. */
export async function samplePoints(facenet: FaceNet, signal: AbortSignal): Promise<EmbeddingPoint[]> {
  const photos = await Promise.all(samples.map((sample) => fetchSample(sample, signal)));
  const points: EmbeddingPoint[] = [];
  const queue = photos.map((file) => ({ path: file.name, file }));
  for await (const result of embedPhotos(facenet, queue, 0, signal)) {
    if ('error' in result) throw result.error;
    for (const face of result.faces) points.push(toPoint(face, `sample ${points.length + 1}`, ''));
  }
  return points;
}

function toPoint({ embedding, model, crop }: PhotoFace, person: string, name: string): EmbeddingPoint {
  return { embedding, model, crop, person, name };
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
