import type { QualityReference } from '../core/types.ts';
import type { FusionDescriptor } from '../models/manifest.ts';
import type { Embedded, Embedder } from './embedder.ts';

/**
 * Creates an embedder that joins several embedders: see {@link FusionDescriptor}. It disposes of them.
 *
 * @param parts the embedders, in the order of the descriptor. The crops of the first one are the fusion's.
 * @param qualityReference that of the calibration.
 */
export function fusedEmbedder(
  parts: readonly Embedder[],
  descriptor: FusionDescriptor,
  qualityReference?: QualityReference,
): Embedder {
  const { crop } = parts[0] as Embedder;
  const weights = descriptor.parts.map(({ weight }) => weight);
  const embedBy =
    (method: 'embed' | 'embedOneCrop'): Embedder['embed'] =>
    async (picture, faces, signal) => {
      const withoutCrops = faces.map(({ landmarks }) => ({ landmarks }));
      const byPart: Embedded[][] = [];
      for (const [p, part] of parts.entries()) {
        byPart.push(await part[method](picture, p === 0 ? faces : withoutCrops, signal));
      }
      return faces.map((_, f) =>
        joined(
          byPart.map((embedded) => embedded[f] as Embedded),
          weights,
        ),
      );
    };
  return {
    name: descriptor.name,
    dimension: parts.reduce((sum, { dimension }) => sum + dimension, 0),
    metric: 'cosine',
    crop,
    qualityReference,
    embed: embedBy('embed'),
    embedOneCrop: embedBy('embedOneCrop'),
    dispose() {
      for (const part of parts) part.dispose();
    },
  };
}

/** Joins the embeddings of a face by each part. The measures of its quality are those of the first part. */
function joined([first, ...others]: readonly Embedded[], weights: readonly number[]): Embedded {
  const parts = [first as Embedded, ...others];
  const embedding = Float32Array.from(
    parts.flatMap((part, p) => Array.from(part.embedding, (value) => value * Math.sqrt(weights[p] as number))),
  );
  return { ...(first as Embedded), embedding };
}
