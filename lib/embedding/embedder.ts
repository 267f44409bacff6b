import { alignedCrop } from '../alignment/align.ts';
import type { Landmarks, Pixels } from '../core/types.ts';
import { mirrored, type PixelSource } from '../image/warp.ts';
import type { EmbeddingDescriptor, Preset } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import { lengthOf, meanOf, unit } from './vectors.ts';

/** What an embedder makes of a face. */
export interface Embedded {
  /** A vector of length 1. */
  embedding: Float32Array;
  /** How alike the embeddings of the face's crops are: the length of their mean, 0 to 1; absent when there is but one. */
  stability?: number;
  /** The aligned crop. */
  crop: Pixels;
}

/** Turns faces into embeddings. */
export interface Embedder {
  readonly descriptor: EmbeddingDescriptor;
  /** Embeds each face, from crops aligned to the template that the network was trained on. */
  embed(picture: PixelSource, faces: readonly Landmarks[], signal?: AbortSignal): Promise<Embedded[]>;
  /** Embeds a crop that is aligned to that template already, and has the network's input size. */
  embedCrop(crop: Pixels, signal?: AbortSignal): Promise<Embedded>;
  dispose(): void;
}

/**
 * An embedder that runs a network on several crops of each face, all in batches.
 *
 * @param variants which crops of a face are averaged.
 */
export function networkEmbedder(
  network: Network,
  descriptor: EmbeddingDescriptor,
  variants: Pick<Preset, 'zooms' | 'mirrored'>,
): Embedder {
  const { template, preprocessing } = descriptor;
  const size = preprocessing.width;

  /** Embeds faces, of which each has one crop for each zoom. */
  const embedCrops = async (crops: Iterable<Pixels>, zooms: number, signal: AbortSignal | undefined) => {
    const firsts: Pixels[] = [];
    const inputs = function* (): Generator<Pixels> {
      let i = 0;
      for (const crop of crops) {
        if (i++ % zooms === 0) firsts.push(crop);
        yield crop;
        if (variants.mirrored) yield mirrored(crop);
      }
    };
    const answers = (await network.run(inputs(), signal)) as [Float32Array][];
    const perFace = zooms * (variants.mirrored ? 2 : 1);
    return firsts.map((crop, i): Embedded => {
      const vectors = answers.slice(i * perFace, (i + 1) * perFace).map(([vector]) => unit(vector));
      const mean = meanOf(vectors);
      return { embedding: unit(mean), crop, ...(perFace > 1 && { stability: lengthOf(mean) }) };
    });
  };

  /** Each face's crops, each cut when the network is ready for it. */
  function* cropsOf(picture: PixelSource, faces: readonly Landmarks[]): Generator<Pixels> {
    for (const landmarks of faces) {
      for (const zoom of variants.zooms) yield alignedCrop(picture, landmarks, template, size, zoom);
    }
  }

  return {
    descriptor,
    embed: (picture, faces, signal) => embedCrops(cropsOf(picture, faces), variants.zooms.length, signal),
    async embedCrop(crop, signal) {
      const [embedded] = await embedCrops([crop], 1, signal);
      return embedded as Embedded;
    },
    dispose: () => network.dispose(),
  };
}
