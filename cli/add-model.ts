import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { templateNames } from '../lib/alignment/templates.ts';
import type { TemplateName } from '../lib/core/types.ts';
import type { EmbeddingDescriptor } from '../lib/models/manifest.ts';
import { addStage, fallbackNotice, stageRequest, stageUsage } from './add-stage.ts';
import { type Command, parsed, UsageError } from './command.ts';
import { type ConvertModelOptions, convertModel } from './convert/convert-model.ts';
import { embeddingPresets } from './convert/embedding-presets.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { readManifestOf, sha256, writeNetwork } from './models-folder.ts';
import { readerBeside } from './read-beside.ts';

const usage = `usage: npx facenet-web add-model FILE --preset FAMILY [--template NAME] [--name NAME] [--out DIR]
                                 [--sha256 HASH] [--quantize float16|uint8] [--output NODE]

Converts your own embedder to a folder for FaceNet.load({ models: [DIR, 'models/'], embedder: NAME }).

FILE        .onnx; a state dict of PyTorch (.pt, .pth) or .safetensors of a published layout; .tflite; a frozen graph of David
            Sandberg's facenet (.pb); Keras weights of it (.h5); or a TensorFlow.js graph model (model.json)
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
    const { file, folder, name, rule } = request;
    const bytes = readChecked(request);
    const manifest = readManifestOf(folder);
    const converted = await convertModel({ name: basename(file), bytes }, optionsOf(request));
    const { descriptor, files, format, sha256: hash, difference } = converted;
    writeNetwork(folder, manifest, descriptor, files);
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const { dimension } = descriptor as EmbeddingDescriptor;
    process.stdout.write(
      `${folder}: "${name}", ${dimension} dimensions, ${(size / 1e6).toFixed(1)} MB, from a file of the format ${format} with the SHA-256 ${hash}.\n` +
        (difference === undefined
          ? ''
          : `Quantised to ${rule}, its output for the self-check image has a cosine distance of ${difference.toExponential(1)} to the original.\n`) +
        fallbackNotice(converted.kernelGaps) +
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
  template: TemplateName;
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
    template,
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

function optionsOf({ file, family, template, name, rule, output }: Request): ConvertModelOptions {
  return {
    preset: family,
    name,
    task: 'embedding',
    template,
    readBeside: readerBeside(file),
    ...(rule && { quantize: rule }),
    ...(output && { output }),
  };
}
