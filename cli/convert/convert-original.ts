import { templateNames } from '../../lib/alignment/templates.ts';
import { checkedNames } from '../../lib/core/checked-options.ts';
import { FaceNetError } from '../../lib/core/errors.ts';
import { sha256Hex } from '../../lib/core/sha256.ts';
import type { TemplateName } from '../../lib/core/types.ts';
import type { ReadModelFile } from '../../lib/models/folders.ts';
import type { ClassicalDescriptor, ModelDescriptor } from '../../lib/models/manifest.ts';
import type { ClassicalModel } from './classical/classical-model.ts';
import { unsupportedFile } from './errors.ts';
import type { Quantization } from './graph/quantize.ts';
import { listedFiles } from './listed-files.ts';
import { readFolderOf } from './read-folder.ts';

/** A file and its name, which the manifest states. */
export interface OriginalFile {
  /** The name of the file. */
  name: string;
  /** Its contents. */
  bytes: Uint8Array;
}

/** Options of {@link convertOriginal}. */
export interface ConvertOriginalOptions {
  /** The name of the stage in `FaceNet.load()`. Default: that of docs/interop.md, such as `dlib-hog`. */
  name?: string | undefined;
  /** The alignment template of the ResNet's crops: `dlib` for landmarks that are not dlib's. @default 'dlib-chip' */
  template?: TemplateName | undefined;
  /** The type of the stored weights of a network of Caffe. Default: 32-bit floats. */
  quantize?: Quantization | undefined;
}

/** A converted model of dlib or OpenCV. */
export interface ConvertedOriginal {
  /** The option of `FaceNet.load()` that selects it. */
  option: ClassicalModel['option'];
  /** The entry of the manifest: one of `models`, or of `classical` if it has a `kind`. */
  descriptor: ModelDescriptor | ClassicalDescriptor;
  /** The files of the model, by their paths in the models folder. */
  files: { path: string; bytes: Uint8Array }[];
  /** The SHA-256 of the file, of a network of Caffe that of the weights, in hexadecimal. */
  sha256: string;
  /** A models folder with this model alone, for `FaceNet.load({ models: [models, 'models/'] })`. */
  models: ReadModelFile;
}

/**
 * Converts model files of dlib and OpenCV, which need no preset: shape predictors, object detectors, the ResNet and the mmod detector of
 * dlib; a cascade of OpenCV; deploy.prototxt and .caffemodel of OpenCV's res10 SSD, in any order.
 *
 * @param files one file, or the two of a network of Caffe.
 * @throws {FaceNetError} `option-invalid` for an invalid name, template or cascade; `model-file-damaged`; `model-file-unsupported`, also for one
 *   file of Caffe alone and for files of other kinds.
 */
export async function convertOriginal(
  files: readonly OriginalFile[],
  options: ConvertOriginalOptions = {},
): Promise<ConvertedOriginal> {
  const { name, template } = checkedNames(options, {
    ...{ name: true, template: true, quantize: true },
  });
  if (template !== undefined && !templateNames.includes(template)) {
    throw new FaceNetError('option-invalid', `template is "${template}": use ${templateNames.join(', ')}.`);
  }
  if (name !== undefined && !/^\w[\w.-]*$/.test(name)) {
    throw new FaceNetError('option-invalid', `name is "${name}": use letters, digits, ".", "_" and "-".`);
  }
  const { isPrototxt } = await import('./readers/caffe/prototxt.ts');
  const description = files.find(({ bytes }) => isPrototxt(bytes));
  const weights = files.find((file) => file !== description);
  const isCaffe = description !== undefined || files.length !== 1 || /\.caffemodel$/.test(weights?.name ?? '');
  if (isCaffe && (!description || !weights || files.length > 2)) {
    throw unsupportedFile('A network of Caffe is two files: pass deploy.prototxt and its .caffemodel.');
  }
  const [hashed] = [weights ?? description] as [OriginalFile];
  const sha256 = await sha256Hex(new Uint8Array(hashed.bytes));
  const source = { package: 'your own', version: `sha256 ${sha256}`, files: files.map((file) => file.name) };
  const model = description
    ? await (await import('./classical/describe-caffe-ssd.ts')).describeCaffeSsd({
        description: description.bytes,
        weights: hashed.bytes,
        source,
        ...options,
      })
    : await convertClassical(hashed, source, name);
  const described = withTemplate(model, template);
  return { ...(await listed(described)), sha256 };
}

/** Replaces the template of an embedder. @throws {FaceNetError} `option-invalid` for another stage. */
function withTemplate(model: ClassicalModel, template: TemplateName | undefined): ClassicalModel {
  const { descriptor } = model;
  if (template === undefined) return model;
  if ('task' in descriptor && descriptor.task === 'embedding')
    return { ...model, descriptor: { ...descriptor, template } };
  throw new FaceNetError('option-invalid', `template is for embedders, and "${descriptor.name}" is none: omit it.`);
}

async function convertClassical({ name: given, bytes }: OriginalFile, source: Source, name: string | undefined) {
  const { isClassicalFile, readClassical } = await import('./classical/read-classical.ts');
  if (isClassicalFile(bytes)) return readClassical(bytes, source, name);
  throw unsupportedFile(`${given} is not a file of dlib or OpenCV: use convertModel with a preset.`);
}

type Source = { package: string; version: string; files: string[] };

/** The model with its files below a folder of its name, and their hashes. */
async function listed({
  option,
  descriptor,
  files: content,
}: ClassicalModel): Promise<Omit<ConvertedOriginal, 'sha256'>> {
  const { files, entries } = await listedFiles(descriptor.name, content);
  const described = { ...descriptor, files: entries } as ModelDescriptor | ClassicalDescriptor;
  return { option, descriptor: described, files, models: readFolderOf([described], files) };
}
