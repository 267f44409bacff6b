import type { FaceNet } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import { galleryState } from '../../app/gallery.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import { faces, grouping } from '../photos/album.ts';
import { embedPhotos, type PhotoFace } from '../photos/embed-photos.ts';
import type { FaceSourceName } from './FaceSource.tsx';

/** A face to be plotted. */
export interface EmbeddingPoint {
  embedding: Float32Array;
  model: string;
  /** Whose it is; faces of one person have one. */
  person: string;
  /** What the person is called; empty where that is not known. */
  name: string;
  crop: Blob;
}

/** The faces of people: those that are remembered, those of the Photos view, or those that the panel makes of the samples. */
export async function embeddingPoints(
  source: FaceSourceName,
  facenet: FaceNet,
  samplePoints: () => Promise<EmbeddingPoint[]>,
  signal: AbortSignal,
): Promise<EmbeddingPoint[]> {
  if (source === 'samples') return samplePoints();
  if (source === 'photos') return albumPoints();
  const gallery = galleryState.peek();
  return gallery.status === 'open' ? galleryPoints(facenet, gallery.gallery, signal) : [];
}

/** The faces in the gallery whose crops were kept, embedded again from them. */
async function galleryPoints(facenet: FaceNet, gallery: Gallery, signal: AbortSignal): Promise<EmbeddingPoint[]> {
  const points: EmbeddingPoint[] = [];
  for (const { id, name, templates } of await gallery.list({ signal })) {
    for (const template of templates) {
      const crop = await gallery.crop(template.id, { signal });
      if (crop) points.push({ ...(await facenet.embedCrop(crop, { signal })), person: id, name, crop });
    }
  }
  return points;
}

/** The faces of the Photos view, with the groups that they are in. */
function albumPoints(): EmbeddingPoint[] {
  return grouping
    .peek()
    .groups.flatMap(({ id, name, members }) =>
      members.map((member) => asPoint(faces.peek()[member] as PhotoFace, `group ${id}`, name)),
    );
}

/** The faces of the six sample photos, each taken for somebody of her own. */
export async function samplePoints(facenet: FaceNet, signal: AbortSignal): Promise<EmbeddingPoint[]> {
  const photos = await Promise.all(samples.map((sample) => fetchSample(sample, signal)));
  const points: EmbeddingPoint[] = [];
  const queue = photos.map((file) => ({ path: file.name, file }));
  for await (const result of embedPhotos(facenet, queue, 0, signal)) {
    if ('error' in result) throw result.error;
    for (const face of result.faces) points.push(asPoint(face, `sample ${points.length + 1}`, ''));
  }
  return points;
}

function asPoint({ embedding, model, crop }: PhotoFace, person: string, name: string): EmbeddingPoint {
  return { embedding, model, crop, person, name };
}

/** What each person of the points is called: the name, or a number. */
export function personLabels(
  points: readonly EmbeddingPoint[],
  numbered: (number: number) => string,
): Map<string, string> {
  const labels = new Map<string, string>();
  for (const { person, name } of points) if (!labels.has(person)) labels.set(person, name || numbered(labels.size + 1));
  return labels;
}
