import { alignedCrop } from '../alignment/align.ts';
import { mirrored, type PixelSource } from '../image/warp.ts';
import type { CropVariant, EmbeddingDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import type { Landmarks, Pixels } from '../types.ts';

/** Turns faces into embeddings, vectors of length 1. */
export interface Embedder {
  readonly descriptor: EmbeddingDescriptor;
  /** The embedding of each face, from its aligned crops. */
  embed(picture: PixelSource, faces: readonly Landmarks[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** The embedding of a crop that is aligned to the embedder's template already, and has its input's size. */
  embedCrop(crop: Pixels, signal?: AbortSignal): Promise<Float32Array>;
  dispose(): void;
}

/**
 * An embedder that runs a network on crops aligned to the template it was trained on, in batches.
 *
 * @param variants the crops of a face whose embeddings are averaged.
 */
export function networkEmbedder(
  network: Network,
  descriptor: EmbeddingDescriptor,
  variants: readonly CropVariant[],
): Embedder {
  const { template, preprocessing, dimension } = descriptor;
  const size = preprocessing.width;

  /** The embedding of each face: the direction of the mean of its crops' embeddings. */
  const embedCrops = async (crops: Iterable<Pixels>, perFace: number, signal: AbortSignal | undefined) => {
    const answers = (await network.run(crops, signal)) as [Float32Array][];
    return Array.from({ length: answers.length / perFace }, (_, i) =>
      direction(
        answers.slice(i * perFace, (i + 1) * perFace).map(([vector]) => vector),
        dimension,
      ),
    );
  };

  return {
    descriptor,
    embed: (picture, faces, signal) => embedCrops(cropsOf(picture, faces), variants.length, signal),
    async embedCrop(crop, signal) {
      const views = variants.some((variant) => variant.mirrored) ? [crop, mirrored(crop)] : [crop];
      const [embedding] = await embedCrops(views, views.length, signal);
      return embedding as Float32Array;
    },
    dispose: () => network.dispose(),
  };

  /** Every variant of every face's crop, each cut when the network is ready for it. */
  function* cropsOf(picture: PixelSource, faces: readonly Landmarks[]): Generator<Pixels> {
    for (const landmarks of faces) {
      for (const variant of variants) {
        const crop = alignedCrop(picture, landmarks, template, size, variant.zoom);
        yield variant.mirrored ? mirrored(crop) : crop;
      }
    }
  }
}

/**
 * The direction that vectors have in the mean, as a vector of length 1: embeddings lie on the unit sphere. (FaceNet paper,
 * section 3.1)
 */
function direction(vectors: readonly Float32Array[], dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (const vector of vectors) {
    for (let i = 0; i < dimension; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
  }
  const length = Math.hypot(...sum);
  return length === 0 ? sum : sum.map((value) => value / length);
}
