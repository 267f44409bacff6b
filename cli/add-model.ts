import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { templateNames } from '../lib/alignment/templates.ts';
import { cosineDistance } from '../lib/comparison/distance.ts';
import type { EmbeddingDescriptor } from '../lib/models/manifest.ts';
import { addStage, fallbackNotice, stageRequest, stageUsage } from './add-stage.ts';
import { type Command, parsed, UsageError } from './command.ts';
import { type EmbeddingPreset, embeddingPresets } from './convert/embedding-presets.ts';
import { fuse } from './convert/fusion/fuse.ts';
import { type GraphModel, graphModelFiles } from './convert/graph/graph-model.ts';
import { type Quantization, quantize } from './convert/graph/quantize.ts';
import { kernelGaps } from './convert/kernel-support.ts';
import { type ReadModel, readModel } from './convert/read-model.ts';
import { expectedOutputs } from './convert/self-check.ts';
import { type NetworkFile, readManifestOf, sha256, writeNetwork } from './models-folder.ts';

const usage = `usage: npx facenet-web add-model FILE --preset FAMILY [--template NAME] [--name NAME] [--out DIR]
                                 [--sha256 HASH] [--quantize float16|uint8] [--output NODE]

Converts your own embedder to a folder for FaceNet.load({ models: [DIR, 'models/'], embedder: NAME }).

FILE        a TensorFlow frozen graph of David Sandberg's facenet (.pb), Keras weights (.h5), a .tflite file,
            or a TensorFlow.js graph model (model.json, with its weight files beside it)
--preset    the preprocessing: ${Object.keys(embeddingPresets).join(', ')}
--template  the alignment template of its crops: ${templateNames.join(', ')}; default: the preset's
--name      the embedder's name; default: the preset's name
--out       the folder to write or to add to; default: public/NAME
--sha256    the expected SHA-256 of FILE
--quantize  the type of the stored weights; default: as in FILE
--output    the node of the embedding, for a file with several outputs

${stageUsage}`;

/**
 * `npx facenet-web add-model`: converts and checks an embedder, and writes its files and its entry in a manifest. Writes nothing when
 * a check fails. Paths are relative to the working directory.
 */
export const addModel: Command = {
  usage,
  async run(args) {
    const stage = stageRequest(args, usage);
    if (stage) {
      process.stdout.write(await addStage(stage));
      return;
    }
    const request = parseRequest(args);
    const { given, file, folder, family, preset, name, rule } = request;
    const bytes = readChecked(request);
    const manifest = readManifestOf(folder);
    const read = await readModel(file, bytes, preset.architecture);
    const { width, height } = preset.preprocessing;
    const { shape } = read.input;
    if (shape.length !== 4 || shape.slice(1, 3).some((side) => side > 0 && side !== width)) {
      throw new Error(
        `${given} takes [${shape}], and --preset ${family} makes images of ${width}×${height}: use another preset.`,
      );
    }
    const output = outputOf(request, read);
    const graph = fuse(read, [output]);
    const files = graphModelFiles(rule ? quantize(graph, rule) : graph);
    const hash = sha256(bytes);
    const descriptor = describe(request, read, output, files, hash);
    const expected = await expectedOutputs(descriptor, files);
    const [embedding = new Float32Array()] = expected.outputs;
    const dimension = embedding.length;
    const outputs = descriptor.outputs.map((output) => ({ ...output, shape: [-1, dimension] }));
    const model: EmbeddingDescriptor = { ...descriptor, dimension, outputs, selfCheck: expected.checks };
    const difference = rule && cosineDistance(embedding, await unquantizedEmbedding(descriptor, graph, embedding));
    writeNetwork(folder, manifest, model, files);
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    process.stdout.write(
      `${folder}: "${name}", ${dimension} dimensions, ${(size / 1e6).toFixed(1)} MB, from a file of the format ${read.format} with the SHA-256 ${hash}.\n` +
        (difference === undefined
          ? ''
          : `Quantised to ${rule}, its output for the self-check image has a cosine distance of ${difference.toExponential(1)} to the original.\n`) +
        fallbackNotice(kernelGaps(model, files)) +
        'Next, fit its calibration, in a clone of facenet-web:\n' +
        `  npm run evaluate -- --data DIR --embedder ${join(folder, 'manifest.json')} --calibrate\n`,
    );
  },
};

/** The parsed arguments. */
interface Request {
  /** The file as it was given, and its absolute path. */
  given: string;
  file: string;
  /** The absolute path of the models folder. */
  folder: string;
  family: string;
  preset: EmbeddingPreset;
  name: string;
  rule: Quantization | undefined;
  expectedHash: string | undefined;
  output: string | undefined;
}

function parseRequest(args: string[]): Request {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args,
      options: {
        task: { type: 'string' },
        preset: { type: 'string' },
        template: { type: 'string' },
        name: { type: 'string' },
        out: { type: 'string' },
        sha256: { type: 'string' },
        quantize: { type: 'string' },
        output: { type: 'string' },
      },
      allowPositionals: true,
    }),
  );
  const [given] = positionals;
  const { preset: family = '', name = family, quantize: rule } = values;
  const preset = Object.hasOwn(embeddingPresets, family) ? embeddingPresets[family] : undefined;
  const template = templateNames.find((known) => known === (values.template ?? preset?.template));
  if (!given || !preset || !template || !name.match(/^\w[\w.-]*$/) || !isQuantization(rule))
    throw new UsageError(usage);
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  const base = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  const [file, folder] = [resolve(base, given), resolve(base, values.out ?? join('public', name))];
  return {
    given,
    file,
    folder,
    family,
    preset: { ...preset, template },
    name,
    rule,
    expectedHash: values.sha256,
    output: values.output,
  };
}

function isQuantization(value: string | undefined): value is Quantization | undefined {
  return value === undefined || value === 'float16' || value === 'uint8';
}

function readChecked({ given, file, expectedHash }: Request): Buffer {
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  const bytes = readFileSync(file);
  const hash = sha256(bytes);
  if (expectedHash !== undefined && expectedHash.toLowerCase() !== hash) {
    throw new Error(`${given} has the SHA-256 ${hash} instead of ${expectedHash}: download it again.`);
  }
  return bytes;
}

function outputOf({ given, preset, output }: Request, { outputs }: ReadModel): string {
  const chosen = outputs.length === 1 ? outputs[0] : (output ?? preset.output);
  if (chosen) return chosen;
  throw new Error(`${given} has several outputs: choose one with --output (${outputs.join(', ')}).`);
}

/** The descriptor without the self-check and the dimension, which come from running the network. */
function describe(
  { file, preset, name, rule }: Request,
  { format, input }: ReadModel,
  output: string,
  files: readonly NetworkFile[],
  hash: string,
): EmbeddingDescriptor {
  const { preprocessing, template, metric, licence, trainingData } = preset;
  return {
    name,
    task: 'embedding',
    engine: 'tfjs',
    files: files.map(({ path, bytes }) => ({ path: `${name}/${path}`, bytes: bytes.length, sha256: sha256(bytes) })),
    input: { name: input.name, shape: [-1, preprocessing.height, preprocessing.width, 3] },
    outputs: [{ name: output, shape: [-1] }],
    dimension: 0,
    preprocessing,
    template,
    metric,
    licence,
    trainingData,
    source: {
      package: 'your own',
      version: `sha256 ${hash}`,
      files: [basename(file)],
      conversion: `${format}, converted to a graph model${rule ? ` with ${rule} weights` : ''}`,
    },
  };
}

async function unquantizedEmbedding(
  descriptor: EmbeddingDescriptor,
  graph: GraphModel,
  fallback: Float32Array,
): Promise<Float32Array> {
  const { outputs } = await expectedOutputs(descriptor, graphModelFiles(graph));
  return outputs[0] ?? fallback;
}
