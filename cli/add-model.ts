import { basename } from 'node:path';
import { templateNames } from '../lib/alignment/templates.ts';
import type { TemplateName } from '../lib/core/types.ts';
import type { EmbeddingDescriptor } from '../lib/models/manifest.ts';
import {
  type AddArguments,
  addArguments,
  checkedHash,
  givenPath,
  isModelName,
  megabytesOf,
  outputFolder,
  quantizationOf,
  readGiven,
  refuseOptions,
} from './add-arguments.ts';
import { addClassical, classicalUsage } from './add-classical.ts';
import { addMtcnn, mtcnnUsage } from './add-mtcnn.ts';
import { addStage, fallbackNotice, stageUsage } from './add-stage.ts';
import { type Command, UsageError } from './command.ts';
import { type ConvertModelOptions, convertModel } from './convert/convert-model.ts';
import { embeddingPresets } from './convert/embedding-presets.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { readManifestOf, writeNetwork } from './models-folder.ts';
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

${stageUsage}
${mtcnnUsage}
${classicalUsage}`;

/**
 * `npx facenet-web add-model`: converts and checks an embedder, and writes its files and its entry in a manifest. Writes nothing when
 * a check fails. Paths are relative to the working directory.
 */
export const addModel: Command = {
  usage,
  async run(args) {
    const given = addArguments(args);
    const added = (await addClassical(given)) ?? (await addMtcnn(given)) ?? (await addStage(given, usage));
    if (added) {
      process.stdout.write(added);
      return;
    }
    const request = parseRequest(given);
    const { file, folder, name, rule } = request;
    const bytes = readGiven(file);
    const hash = checkedHash(file, bytes, given);
    const manifest = readManifestOf(folder);
    const converted = await convertModel({ name: basename(file), bytes }, optionsOf(request));
    const { descriptor, files, format, difference } = converted;
    writeNetwork(folder, manifest, descriptor, files);
    const { dimension } = descriptor as EmbeddingDescriptor;
    process.stdout.write(
      `${folder}: "${name}", ${dimension} dimensions, ${megabytesOf(files, 1)} MB, from a file of the format ${format} with the SHA-256 ${hash}.\n` +
        (difference === undefined
          ? ''
          : `Quantised to ${rule}, its output for the self-check image has a cosine distance of ${difference.toExponential(1)} to the original.\n`) +
        fallbackNotice(converted.kernelGaps) +
        'Next, fit its calibration, in a clone of facenet-web:\n' +
        `  npm run evaluate -- --data DIR --models ${folder} --embedder ${name} --calibrate\n`,
    );
  },
};

/** The parsed arguments. */
interface Request {
  /** The file as it was given. */
  file: string;
  /** The absolute path of the models folder. */
  folder: string;
  family: string;
  template: TemplateName;
  name: string;
  rule: Quantization | undefined;
  output: string | undefined;
}

function parseRequest(given: AddArguments): Request {
  refuseOptions(
    given,
    ['size', 'weights'],
    '--size is for detectors and landmarkers, --weights for networks of Caffe.',
  );
  const [file, ...others] = given.files;
  const { preset: family = '', name = family, output } = given.values;
  const preset = Object.hasOwn(embeddingPresets, family) ? embeddingPresets[family] : undefined;
  const template = templateNames.find((known) => known === (given.values.template ?? preset?.template));
  if (!file || others.length > 0 || !preset || !template || !isModelName(name)) throw new UsageError(usage);
  return { file, folder: outputFolder(given, name), family, template, name, rule: quantizationOf(given), output };
}

function optionsOf({ file, family, template, name, rule, output }: Request): ConvertModelOptions {
  return {
    preset: family,
    name,
    task: 'embedding',
    template,
    readBeside: readerBeside(givenPath(file)),
    ...(rule && { quantize: rule }),
    ...(output && { output }),
  };
}
