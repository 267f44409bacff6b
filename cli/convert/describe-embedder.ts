import { cosineDistance } from '../../lib/comparison/distance.ts';
import type { EmbeddingDescriptor, ModelSource } from '../../lib/models/manifest.ts';
import type { EmbeddingPreset } from './embedding-presets.ts';
import { unsupportedFile } from './errors.ts';
import { fuse } from './fusion/fuse.ts';
import { graphModelFiles } from './graph/graph-model.ts';
import { type Quantization, quantize } from './graph/quantize.ts';
import type { ReadModel } from './read-model.ts';
import { expectedOutputs } from './self-check.ts';

/** A converted file, and how it is to be described and stored. */
export interface EmbedderFile {
  name: string;
  /** The file's name, for messages. */
  given: string;
  read: ReadModel;
  rule: Quantization | undefined;
  /** The output that is the embedding, for a file with several outputs. */
  output: string | undefined;
  source: ModelSource;
}

/** An embedder as it is written, except for the sizes and hashes of its files. */
export interface DescribedEmbedder {
  descriptor: Omit<EmbeddingDescriptor, 'files'>;
  files: { path: string; bytes: Uint8Array }[];
  /** The cosine distance that quantising moves the embedding of the self-check image; undefined for weights that are not quantised. */
  difference: number | undefined;
}

/**
 * Describes an embedder.
 *
 * @throws {FaceNetError} `model-file-unsupported` when it takes images of another size than the preset's, or has several outputs;
 *   `model-file-damaged` when the embedding of the self-check image is constant or not finite.
 */
export async function describeEmbedder(file: EmbedderFile, preset: EmbeddingPreset): Promise<DescribedEmbedder> {
  const { name, read, rule, source } = file;
  requireSize(file, preset);
  const output = outputOf(file, preset);
  const graph = fuse(read, [output]);
  const files = graphModelFiles(rule ? quantize(graph, rule) : graph);
  const { preprocessing, template, metric, licence, trainingData } = preset;
  const common = {
    name,
    engine: 'tfjs' as const,
    input: { name: read.input.name, shape: [-1, preprocessing.height, preprocessing.width, 3] },
    outputs: [{ name: output, shape: [-1] }],
    preprocessing,
    licence,
    trainingData,
    source,
  };
  const { checks, outputs } = await expectedOutputs(common, files);
  const [embedding = new Float32Array()] = outputs;
  const original = rule ? (await expectedOutputs(common, graphModelFiles(graph))).outputs[0] : undefined;
  const dimension = embedding.length;
  const descriptor = {
    ...common,
    task: 'embedding' as const,
    outputs: [{ name: output, shape: [-1, dimension] }],
    dimension,
    template,
    metric,
    selfCheck: checks,
  };
  return { descriptor, files, difference: original && cosineDistance(embedding, original) };
}

function requireSize({ given, read }: EmbedderFile, { preprocessing: { width, height } }: EmbeddingPreset): void {
  const [, rows = 0, columns = 0] = read.input.shape;
  const fits = (size: number, wanted: number) => size <= 0 || size === wanted;
  if (read.input.shape.length === 4 && fits(rows, height) && fits(columns, width)) return;
  throw unsupportedFile(
    `${given} takes [${read.input.shape}], and its preset makes images of ${width}×${height}: use another preset.`,
  );
}

function outputOf({ given, read, output }: EmbedderFile, preset: EmbeddingPreset): string {
  const { outputs } = read;
  const chosen = outputs.length === 1 ? outputs[0] : (output ?? preset.output);
  // It can be a node inside the network.
  if (chosen !== undefined) return chosen;
  throw unsupportedFile(`${given} has several outputs: choose one with --output (${outputs.join(', ')}).`);
}
