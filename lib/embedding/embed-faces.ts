import { alignedCrop, alignment } from '../alignment/align.ts';
import type { Abortable, EmbeddedFace, LandmarkedFace, Landmarks, Pixels, Quality } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { assessQuality, withEmbedding } from '../quality/quality.ts';
import { withStrangerSimilarity } from '../quality/stranger-similarity.ts';
import type { Embedded, Embedder } from './embedder.ts';

/** A face's aligned crop at zoom 1, and the quality of the crop alone: without the measures of the embedding. */
export interface AssessedCrop {
  crop: Pixels;
  quality: Quality;
}

/** Cuts the aligned crop of a face and assesses its quality, to decide whether to embed the face. */
export function assessCrop(picture: PixelSource, { crop: format }: Embedder, landmarks: Landmarks): AssessedCrop {
  const toPicture = alignment(landmarks, format.template, format.size, format.zoom);
  const crop = alignedCrop(picture, landmarks, format);
  return { crop, quality: assessQuality({ landmarks, crop, toPicture, picture }) };
}

/**
 * Embeds faces and assesses their quality.
 *
 * @param faces faces of this picture with their landmarks.
 * @param options.assessed the results of {@link assessCrop} for these faces, in their order: they are not computed
 *   again.
 * @param options.oneCrop embeds one crop of each face instead of all crops of the preset.
 * @returns the faces, in their order, with their embeddings and their quality.
 */
export async function embedFaces<F extends LandmarkedFace>(
  picture: PixelSource,
  embedder: Embedder,
  faces: readonly F[],
  {
    signal,
    assessed = [],
    oneCrop = false,
  }: Abortable & { assessed?: readonly AssessedCrop[]; oneCrop?: boolean } = {},
): Promise<(F & EmbeddedFace)[]> {
  const { template, size, zoom: templateZoom } = embedder.crop;
  const assess = (landmarks: Landmarks, crop: Pixels, zoom: number) => {
    const toPicture = alignment(landmarks, template, size, templateZoom * zoom);
    return assessQuality({ landmarks, crop, toPicture, picture });
  };
  const inputs = faces.map(({ landmarks }, i) => ({ landmarks, crop: assessed[i]?.crop }));
  const embedded = await (oneCrop ? embedder.embedOneCrop : embedder.embed)(picture, inputs, signal);
  return faces.map((face, i) => {
    const { embedding, crop, zoom, ...measures } = embedded[i] as Embedded;
    const known = assessed[i];
    const quality = withEmbedding(
      known?.crop === crop ? known.quality : assess(face.landmarks, crop, zoom),
      measures,
      embedder.qualityReference,
    );
    return {
      ...face,
      embedding,
      model: embedder.name,
      quality: withStrangerSimilarity(quality, embedding, embedder.qualityReference),
    };
  });
}
