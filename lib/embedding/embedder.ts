import { alignedCrop } from '../alignment/align.ts';
import type { CropFormat } from '../alignment/crop-format.ts';
import type { Landmarks, Metric, Pixels, QualityReference } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { EmbeddingDescriptor, Preset } from '../models/manifest.ts';
import type { EmbeddingMeasures } from '../quality/quality.ts';
import type { Network } from '../runtime/network.ts';
import { type CropViews, mirrorViews, singleView } from './crop-views.ts';

/** The result of embedding one face, with the measures of its quality: stability only if the face has several crops. */
export interface Embedded extends EmbeddingMeasures {
  /** The embedding, a vector of length 1. */
  embedding: Float32Array;
  /** The aligned crop: of the first zoom, if the preset uses several. */
  crop: Pixels;
  /** The crop's zoom, relative to that of the embedder's crops. */
  zoom: number;
}

/** A face to embed. */
export interface EmbeddingInput {
  /** The face's landmarks, in source pixels. */
  landmarks: Landmarks;
  /** The aligned crop at zoom 1, if the caller has cut it already. */
  crop?: Pixels | undefined;
}

/** Computes embeddings of faces. */
export interface Embedder {
  /** The name of the model, which every embedding carries. */
  readonly name: string;
  /** The length of an embedding. */
  readonly dimension: number;
  readonly metric: Metric;
  /** The aligned crops that it embeds. */
  readonly crop: CropFormat;
  /** The quality reference of the calibration. */
  readonly qualityReference: QualityReference | undefined;
  /** Embeds each face from aligned crops. Crops that the input lacks are cut from the picture. */
  embed(picture: PixelSource, faces: readonly EmbeddingInput[], signal?: AbortSignal): Promise<Embedded[]>;
  /** Embeds one crop of each face instead of all crops of the preset: in less time, and less precisely. */
  embedOneCrop(picture: PixelSource, faces: readonly EmbeddingInput[], signal?: AbortSignal): Promise<Embedded[]>;
  /** Embeds a crop of the format `crop`. Absent if the embedder needs crops of other templates too. */
  embedCrop?(crop: Pixels, signal?: AbortSignal): Promise<Embedded>;
  /** Frees the networks. The embedder must not be used afterwards. */
  dispose(): void;
}

/**
 * Creates an embedder that runs a network on one or several crops of each face, all in batches. It disposes of the
 * network.
 *
 * @param variants the crops of a face whose embeddings are averaged.
 * @param qualityReference that of the calibration.
 * @param views what is embedded of each crop. Default: the crop, and its mirror image if the variants have it.
 */
export function networkEmbedder(
  network: Network,
  descriptor: EmbeddingDescriptor,
  variants: Pick<Preset, 'zooms' | 'mirrored'>,
  qualityReference?: QualityReference,
  views: CropViews = variants.mirrored ? mirrorViews : singleView,
): Embedder {
  /** Embeds the views of the crops of faces: a crop for each zoom, consecutively per face. */
  const embedCrops = async (
    crops: Iterable<Pixels>,
    { zooms, views }: { zooms: readonly number[]; views: CropViews },
    signal: AbortSignal | undefined,
  ) => {
    const firsts: Pixels[] = [];
    const inputs = function* (): Generator<Pixels> {
      let i = 0;
      for (const crop of crops) {
        if (i++ % zooms.length === 0) firsts.push(crop);
        yield* views.of(crop);
      }
    };
    const outputs = (await network.run(inputs(), signal)) as [Float32Array][];
    const vectorsPerFace = zooms.length * views.count;
    return firsts.map((crop, i): Embedded => {
      const raw = outputs.slice(i * vectorsPerFace, (i + 1) * vectorsPerFace).map(([vector]) => vector);
      return { ...views.join(raw), crop, zoom: zooms[0] as number };
    });
  };

  const { name, dimension, metric, template, zoom = 1, preprocessing } = descriptor;
  const format: CropFormat = { template, size: preprocessing.width, zoom };
  return {
    name,
    dimension,
    metric,
    crop: format,
    qualityReference,
    embed: (picture, faces, signal) =>
      embedCrops(cropsOf(picture, faces, format, variants.zooms), { zooms: variants.zooms, views }, signal),
    embedOneCrop: (picture, faces, signal) =>
      embedCrops(cropsOf(picture, faces, format, [1]), { zooms: [1], views: singleView }, signal),
    async embedCrop(crop, signal) {
      const [embedded] = await embedCrops([crop], { zooms: [1], views }, signal);
      return embedded as Embedded;
    },
    dispose: () => network.dispose(),
  };
}

/** Cuts the crops of faces one at a time, so that only the network's current batch is in memory. */
function* cropsOf(
  picture: PixelSource,
  faces: readonly EmbeddingInput[],
  format: CropFormat,
  zooms: readonly number[],
): Generator<Pixels> {
  for (const { landmarks, crop } of faces) {
    for (const zoom of zooms) {
      yield zoom === 1 && crop ? crop : alignedCrop(picture, landmarks, { ...format, zoom: format.zoom * zoom });
    }
  }
}
