import { alignedCrop } from '../alignment/align.ts';
import { mirrored, type PixelSource } from '../image/warp.ts';
import type { CropVariant, EmbeddingDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import { breathe } from '../runtime/signal.ts';
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
 * The most crops that go through the network at once: enough to spread the cost of a call, few enough that a photo of a
 * whole school class needs no more memory than a small group.
 */
const largestBatch = 16;

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

  /** The embedding of each list of crops: the direction of the mean of theirs. */
  const embedAll = async (faces: (() => Pixels[])[], perFace: number, signal: AbortSignal | undefined) => {
    const embeddings: Float32Array[] = [];
    const facesPerBatch = Math.max(1, Math.floor(largestBatch / perFace));
    for (let start = 0; start < faces.length; start += facesPerBatch) {
      const crops = faces.slice(start, start + facesPerBatch).flatMap((crop) => crop());
      await breathe(signal);
      const [output] = (await network.run(crops)) as [Float32Array];
      for (let i = 0; i < crops.length; i += perFace) {
        embeddings.push(direction(output.subarray(i * dimension, (i + perFace) * dimension), dimension));
      }
    }
    return embeddings;
  };

  return {
    descriptor,
    embed(picture, faces, signal) {
      const crops = faces.map(
        (landmarks) => () =>
          variants.map(({ zoom, mirrored: isMirrored }) => {
            const crop = alignedCrop(picture, landmarks, template, size, zoom);
            return isMirrored ? mirrored(crop) : crop;
          }),
      );
      return embedAll(crops, variants.length, signal);
    },
    async embedCrop(crop, signal) {
      const views = variants.some((variant) => variant.mirrored) ? [crop, mirrored(crop)] : [crop];
      const [embedding] = await embedAll([() => views], views.length, signal);
      return embedding as Float32Array;
    },
    dispose: () => network.dispose(),
  };
}

/**
 * The direction that vectors behind each other have in the mean, as a vector of length 1: embeddings lie on the unit sphere.
 * (FaceNet paper, section 3.1)
 */
function direction(vectors: Float32Array, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (let i = 0; i < vectors.length; i++) sum[i % dimension] = (sum[i % dimension] as number) + (vectors[i] as number);
  const length = Math.hypot(...sum);
  return length === 0 ? sum : sum.map((value) => value / length);
}
