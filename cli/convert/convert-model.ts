import { templateNames } from '../../lib/alignment/templates.ts';
import { abortable } from '../../lib/core/cancellation.ts';
import { checkedOptions } from '../../lib/core/checked-options.ts';
import { FaceNetError } from '../../lib/core/errors.ts';
import { sha256Hex } from '../../lib/core/sha256.ts';
import type { TemplateName } from '../../lib/core/types.ts';
import { pointCounts } from '../../lib/landmarks/schemes.ts';
import type { ReadModelFile } from '../../lib/models/folders.ts';
import type { ModelDescriptor, ModelSource } from '../../lib/models/manifest.ts';
import { describeEmbedder } from './describe-embedder.ts';
import { describeDetector, describeLandmarker } from './describe-stage.ts';
import { embeddingPresets } from './embedding-presets.ts';
import type { Quantization } from './graph/quantize.ts';
import { kernelGaps } from './kernel-support.ts';
import { listedFiles } from './listed-files.ts';
import { detectionPresets } from './presets/detection-presets.ts';
import { landmarkPresets } from './presets/landmark-presets.ts';
import { readFolderOf } from './read-folder.ts';
import { readModel } from './read-model.ts';

/** A stage of the pipeline that a network is for. */
export type ModelTask = 'embedding' | 'detection' | 'landmarks';

/** Options of {@link convertModel}. */
export interface ConvertModelOptions {
  /** The family of the network, which states its preprocessing: one of {@link presetNames}. */
  preset: string;
  /** The name of the model in `FaceNet.load()`. Default: the preset's name. */
  name?: string;
  /** The task, for a preset that exists for several. */
  task?: ModelTask;
  /** The alignment template of an embedder's crops. Default: the preset's. */
  template?: TemplateName;
  /** The type of the stored weights. Default: as in the file. */
  quantize?: Quantization;
  /** The node of the embedding, for an embedder with several outputs. */
  output?: string;
  /** The size of images in pixels, for a network that takes any size. Default: the preset's. */
  size?: { width: number; height: number };
  /** Reads a file beside the model, by its path in it: external data of ONNX, the weights of a TensorFlow.js model. */
  readBeside?: (path: string) => Promise<Uint8Array>;
  /** Aborts between the steps of the conversion, of which the self-check takes the longest. */
  signal?: AbortSignal;
}

/** A converted model. */
export interface ConvertedModel {
  /** The entry of the manifest. */
  descriptor: ModelDescriptor;
  /** The files of the model, by their paths in the models folder. */
  files: { path: string; bytes: Uint8Array }[];
  /** The format of the file. */
  format: string;
  /** The SHA-256 of the file, in hexadecimal. */
  sha256: string;
  /** The operators that the kernels of facenet-web cannot run. The model then runs on TensorFlow.js, which is slower. */
  kernelGaps: string[];
  /** The cosine distance by which quantising moves an embedder's output for the self-check image, if it was quantised. */
  difference: number | undefined;
  /** A models folder with this model alone, for `FaceNet.load({ models: [models, 'models/'] })`. */
  models: ReadModelFile;
}

/** The presets of each task. MTCNN, which is three files, is converted by `convertMtcnn`. */
export const presetNames: Readonly<Record<ModelTask, readonly string[]>> = {
  embedding: Object.keys(embeddingPresets),
  detection: Object.keys(detectionPresets),
  landmarks: Object.keys(landmarkPresets),
};

/**
 * Converts a model file of any supported format: ONNX, PyTorch, safetensors, .tflite, a TensorFlow.js graph model, a frozen graph or
 * Keras weights of FaceNet. Runs the network once, in plain JavaScript, to record its answer to a known image.
 *
 * @param file the name of the file, for messages, and its contents.
 * @throws {FaceNetError} `option-invalid`; `model-file-damaged`; `model-file-unsupported` with the part of the file that is not
 *   converted. `signal.reason` when aborted.
 */
export async function convertModel(
  file: { name: string; bytes: Uint8Array },
  options: ConvertModelOptions,
): Promise<ConvertedModel> {
  const {
    preset,
    name = preset,
    signal,
    readBeside,
    size,
  } = checkedOptions<ConvertModelOptions>(options, {
    ...{ preset: true, name: true, task: true, template: true, quantize: true, output: true },
    ...{ size: true, readBeside: true },
  });
  const task = taskOf(options);
  if (!/^\w[\w.-]*$/.test(name)) throw invalid(`name is "${name}": use letters, digits, ".", "_" and "-".`);
  signal?.throwIfAborted();
  const architecture = task === 'embedding' ? embeddingPresets[preset]?.architecture : undefined;
  const { width, height } = preprocessingOf(task, preset);
  const sizes = { inputSize: size, defaultSize: { width, height }, readBeside };
  const read = await abortable(readModel(file.name, file.bytes, architecture, sizes), signal);
  const sha256 = await sha256Hex(new Uint8Array(file.bytes));
  const conversion = `${read.format}, converted to a graph model${options.quantize ? ` with ${options.quantize} weights` : ''}`;
  const source = { package: 'your own', version: `sha256 ${sha256}`, files: [file.name], conversion };
  const described = await abortable(describe(task, { ...options, name, given: file.name, read, source }), signal);
  const { files, entries } = await listedFiles(name, described.files);
  const descriptor = { ...described.descriptor, files: entries } as ModelDescriptor;
  return {
    descriptor,
    files,
    format: read.format,
    sha256,
    kernelGaps: kernelGaps(descriptor, files),
    difference: described.difference,
    models: readFolderOf([descriptor], files),
  };
}

type DescribeOptions = ConvertModelOptions & {
  name: string;
  given: string;
  read: Awaited<ReturnType<typeof readModel>>;
  source: ModelSource;
};

async function describe(task: ModelTask, options: DescribeOptions) {
  const { preset, name, given, read, source, quantize: rule, template, output } = options;
  const file = { name, given, read, rule, output, source };
  if (task === 'embedding') {
    const found = embeddingPresets[preset] as (typeof embeddingPresets)[string];
    return describeEmbedder(file, { ...found, ...(template && { template }) });
  }
  const stage =
    task === 'detection'
      ? await describeDetector(file, detectionPresets[preset] as (typeof detectionPresets)[string])
      : await describeMarks(file, landmarkPresets[preset] as (typeof landmarkPresets)[string]);
  return { ...stage, difference: undefined };
}

function describeMarks(
  file: Parameters<typeof describeLandmarker>[0],
  preset: Parameters<typeof describeLandmarker>[1],
) {
  return describeLandmarker(file, preset, pointCounts[preset.scheme]);
}

function taskOf({ preset, task, template }: ConvertModelOptions): ModelTask {
  const tasks = (Object.keys(presetNames) as ModelTask[]).filter((each) => presetNames[each].includes(preset));
  const [found] = tasks.filter((each) => task === undefined || each === task);
  if (template !== undefined && !templateNames.includes(template)) {
    throw invalid(`template is "${template}": use ${templateNames.join(', ')}.`);
  }
  if (found) return found;
  if (preset === 'mtcnn') throw invalid('preset is "mtcnn", which is three files: use convertMtcnn().');
  const known = task ? presetNames[task] : Object.values(presetNames).flat();
  throw invalid(`preset is "${preset}"${task ? `, which is not a preset for ${task}` : ''}: use ${known?.join(', ')}.`);
}

function preprocessingOf(task: ModelTask, preset: string): { width: number; height: number } {
  const presets = { embedding: embeddingPresets, detection: detectionPresets, landmarks: landmarkPresets }[task];
  return (presets[preset] as { preprocessing: { width: number; height: number } }).preprocessing;
}

function invalid(message: string): FaceNetError {
  return new FaceNetError('option-invalid', message);
}
