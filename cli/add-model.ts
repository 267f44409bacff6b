import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cosineDistance } from '../lib/comparison/distance.ts';
import type { EmbeddingDescriptor, Manifest } from '../lib/models/manifest.ts';
import { parseManifest } from '../lib/models/manifest-schema.ts';
import { type Command, parsed, UsageError } from './command.ts';
import { embeddingPresets } from './convert/embedding-presets.ts';
import type { GraphModel } from './convert/graph/graph-builder.ts';
import { type Quantization, quantized } from './convert/graph/quantize.ts';
import { readModel } from './convert/read-model.ts';
import { knownAnswer } from './convert/self-check.ts';

const usage = `usage: npx facenet-web add-model FILE --preset FAMILY [--name NAME] [--out DIR] [--sha256 HASH]
                                 [--quantize float16|uint8] [--output NODE]

Makes an embedder of your own a folder that FaceNet.load({ models: [DIR, 'models/'], embedder: NAME }) reads.

FILE        David Sandberg's frozen graph (.pb), Keras weights (.h5), a .tflite file,
            or a TensorFlow.js graph model (model.json, with its weight files beside it)
--preset    what the network wants: ${Object.keys(embeddingPresets).join(', ')}
--name      what it is called; default: the preset's name
--out       the folder to write, or to add to; default: public/NAME
--sha256    what the file must hash to
--quantize  how its weights are kept; default: as they are in the file
--output    the node that holds the embedding, where the file has several outputs
`;

/**
 * `npx facenet-web add-model`: reads an embedder of somebody's own, checks it, and writes its files and its entry in a
 * manifest. Nothing is written where something is wrong. Paths are relative to where it was called.
 */
export const addModel: Command = { usage, run };

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args,
      options: {
        preset: { type: 'string' },
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
  const { preset: family = '', name = family, quantize } = values;
  const preset = Object.hasOwn(embeddingPresets, family) ? embeddingPresets[family] : undefined;
  if (!given || !preset || !name.match(/^\w[\w.-]*$/) || !isQuantization(quantize)) throw new UsageError(usage);
  // npm runs the scripts of a package in its folder, whatever folder they are called from.
  const here = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  const file = resolve(here, given);
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  const bytes = readFileSync(file);
  const hash = sha256(bytes);
  if (values.sha256 !== undefined && values.sha256.toLowerCase() !== hash) {
    throw new Error(`${given} is not the file that is meant: its SHA-256 is ${hash} instead of ${values.sha256}.`);
  }
  const folder = resolve(here, values.out ?? join('public', name));
  const manifest = manifestOf(folder);

  const { preprocessing, template, metric, licence, trainingData, architecture } = preset;
  const read = await readModel(file, bytes, architecture);
  const { form, input, outputs } = read;
  const { width, height } = preprocessing;
  if (input.shape.length !== 4 || input.shape.slice(1, 3).some((side) => side > 0 && side !== width)) {
    throw new Error(`${given} takes [${input.shape}], but --preset ${family} makes pictures of ${width}×${height}.`);
  }
  const output = outputs.length === 1 ? outputs[0] : (values.output ?? preset.output);
  if (!output) throw new Error(`${given} has several outputs: choose one with --output (${outputs.join(', ')}).`);

  const contents = filesOf(quantize ? quantized(read, quantize) : read);
  const descriptor: EmbeddingDescriptor = {
    name,
    task: 'embedding',
    engine: 'tfjs',
    files: contents.map(({ path, bytes }) => ({
      path: `${name}/${path}`,
      bytes: bytes.length,
      sha256: sha256(bytes),
    })),
    input: { name: input.name, shape: [-1, height, width, 3] },
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
      conversion: `${form}, made one graph model${quantize ? ` with weights of ${quantize}` : ''}`,
    },
  };
  const { checks, answers } = await knownAnswer(descriptor, contents);
  const [answer = new Float32Array()] = answers;
  const dimension = answer.length;
  const model: EmbeddingDescriptor = {
    ...descriptor,
    dimension,
    outputs: [{ name: output, shape: [-1, dimension] }],
    selfCheck: checks,
  };

  const loss = quantize && cosineDistance(answer, (await knownAnswer(descriptor, filesOf(read))).answers[0] ?? answer);

  mkdirSync(join(folder, name), { recursive: true });
  for (const { path, bytes } of contents) writeFileSync(join(folder, name, path), bytes);
  const others = manifest.models.filter((other) => other.name !== name);
  writeManifest(folder, { ...manifest, models: [...others, model] });
  const size = contents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  process.stdout.write(
    `${folder}: "${name}", ${dimension} dimensions, ${(size / 1e6).toFixed(1)} MB, out of ${form}; SHA-256 of the file: ${hash}.\n` +
      (quantize
        ? `As ${quantize} its answer to the self-check picture is ${loss?.toExponential(1)} away, by cosine.\n`
        : '') +
      'Next, fit its calibration, in a clone of facenet-web:\n' +
      `  npm run evaluate -- --data DIR --embedder ${join(folder, 'manifest.json')} --calibrate\n`,
  );
}

function isQuantization(value: string | undefined): value is Quantization | undefined {
  return value === undefined || value === 'float16' || value === 'uint8';
}

/** The folder's manifest as it is, or an empty one. */
function manifestOf(folder: string): Manifest {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return { version: 1, models: [], engines: [] };
  return parseManifest(JSON.parse(readFileSync(path, 'utf8')), path);
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function filesOf({ json, weights }: GraphModel): { path: string; bytes: Uint8Array }[] {
  return [
    { path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: weights },
  ];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
