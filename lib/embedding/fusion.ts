import type { FusionDescriptor } from '../models/manifest.ts';
import type { Embedded, Embedder } from './embedder.ts';

/**
 * Creates an embedder that joins several embedders: see {@link FusionDescriptor}. It disposes of them.
 *
 * @param parts the embedders, in the order of the descriptor. The crops of the first one are the fusion's.
 * @param medianSpread the calibration's.
 */
export function fusedEmbedder(
  parts: readonly Embedder[],
  descriptor: FusionDescriptor,
  medianSpread?: number,
): Embedder {
  const { crop } = parts[0] as Embedder;
  const weights = descriptor.parts.map(({ weight }) => weight);
  return {
    name: descriptor.name,
    dimension: parts.reduce((sum, { dimension }) => sum + dimension, 0),
    metric: 'cosine',
    crop,
    medianSpread,
    async embed(picture, faces, signal) {
      const withoutCrops = faces.map(({ landmarks }) => ({ landmarks }));
      const byPart: Embedded[][] = [];
      for (const [p, part] of parts.entries()) {
        byPart.push(await part.embed(picture, p === 0 ? faces : withoutCrops, signal));
      }
      return faces.map((_, f) =>
        joined(
          byPart.map((embedded) => embedded[f] as Embedded),
          weights,
        ),
      );
    },
    dispose() {
      for (const part of parts) part.dispose();
    },
  };
}

/** Joins the embeddings of a face by each part. The stability is the weighted mean. */
function joined(embedded: readonly Embedded[], weights: readonly number[]): Embedded {
  const [{ crop }] = embedded as [Embedded];
  const embedding = Float32Array.from(
    embedded.flatMap((part, p) => Array.from(part.embedding, (value) => value * Math.sqrt(weights[p] as number))),
  );
  if (embedded.some(({ stability }) => stability === undefined)) return { embedding, crop };
  const stability = embedded.reduce((sum, part, p) => sum + (part.stability as number) * (weights[p] as number), 0);
  return { embedding, crop, stability };
}
