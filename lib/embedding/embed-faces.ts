import type { EmbeddedFace, LandmarkedFace } from '../core/types.ts';
import type { PixelSource } from '../image/warp.ts';
import { assessQuality } from '../quality/quality.ts';
import type { Embedded, Embedder } from './embedder.ts';

/** The last stages of the fall: faces whose landmarks are known, with their embeddings and their quality. */
export async function embedFaces<F extends LandmarkedFace>(
  picture: PixelSource,
  embedder: Embedder,
  faces: readonly F[],
  signal?: AbortSignal,
): Promise<(F & EmbeddedFace)[]> {
  const embedded = await embedder.embed(
    picture,
    faces.map(({ landmarks }) => landmarks),
    signal,
  );
  return faces.map((face, i) => {
    const { embedding, crop, stability } = embedded[i] as Embedded;
    const quality = assessQuality(face.landmarks, crop, stability);
    return { ...face, embedding, model: embedder.descriptor.name, quality };
  });
}
