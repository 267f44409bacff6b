import { alignedCrop } from '../alignment/align.ts';
import type { PixelSource } from '../image/warp.ts';
import type { EmbeddingDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import { breathe } from '../runtime/signal.ts';
import type { Landmarks } from '../types.ts';

/** Turns faces into embeddings. */
export interface Embedder {
  readonly descriptor: EmbeddingDescriptor;
  /** The embedding of each face, from its aligned crop. */
  embed(picture: PixelSource, faces: readonly Landmarks[], signal?: AbortSignal): Promise<Float32Array[]>;
  dispose(): void;
}

/**
 * The most crops that go through the network at once: enough to spread the cost of a call, few enough that a photo of a
 * whole school class needs no more memory than a small group.
 */
const largestBatch = 16;

/** An embedder that runs a network on crops aligned to the template it was trained on, in batches. */
export function networkEmbedder(network: Network, descriptor: EmbeddingDescriptor): Embedder {
  const { template, preprocessing, dimension } = descriptor;
  return {
    descriptor,
    async embed(picture, faces, signal) {
      const embeddings: Float32Array[] = [];
      for (let start = 0; start < faces.length; start += largestBatch) {
        const batch = faces.slice(start, start + largestBatch);
        const crops = batch.map((landmarks) => alignedCrop(picture, landmarks, template, preprocessing.width));
        await breathe(signal);
        const [output] = (await network.run(crops)) as [Float32Array];
        batch.forEach((_, i) => {
          embeddings.push(output.slice(i * dimension, (i + 1) * dimension));
        });
      }
      return embeddings;
    },
    dispose: () => network.dispose(),
  };
}
