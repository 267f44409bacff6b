import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pointCounts } from '../lib/landmarks/schemes.ts';
import type { DetectionDescriptor, LandmarksDescriptor } from '../lib/models/manifest.ts';
import { parsed, UsageError } from './command.ts';
import { type DescribedStage, describeDetector, describeLandmarker } from './convert/describe-stage.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { kernelGaps } from './convert/kernel-support.ts';
import { type DetectionPreset, detectionPresets } from './convert/presets/detection-presets.ts';
import { type LandmarkPreset, landmarkPresets } from './convert/presets/landmark-presets.ts';
import { readModel } from './convert/read-model.ts';
import { readManifestOf, sha256, writeNetwork } from './models-folder.ts';

/** A detector or a landmarker to add. */
export interface StageRequest {
  /** The file as it was given, and its absolute path. */
  given: string;
  file: string;
  /** The absolute path of the models folder. */
  folder: string;
  name: string;
  preset: { task: 'detection'; preset: DetectionPreset } | { task: 'landmarks'; preset: LandmarkPreset };
  /** The size of images, for a network that takes any size. */
  size: { width: number; height: number } | undefined;
  rule: Quantization | undefined;
  expectedHash: string | undefined;
}

/** The part of the help about detectors and landmarkers. */
export const stageUsage = `For a detector or a landmarker, --preset is the decoder of its outputs:
--task detection  ${Object.keys(detectionPresets).join(', ')}
--task landmarks  ${Object.keys(landmarkPresets).join(', ')}
--size            WIDTHxHEIGHT of the images, for a network that takes any size; default: the preset's
`;

/**
 * The request for a detector or a landmarker.
 *
 * @returns undefined when the arguments name the preset of an embedder, or none.
 * @throws {UsageError} for invalid arguments.
 */
export function stageRequest(args: string[], usage: string): StageRequest | undefined {
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
        size: { type: 'string' },
      },
      allowPositionals: true,
    }),
  );
  const { task, preset: family = '', name = family, quantize: rule } = values;
  const preset = presetOf(family, task);
  if (!preset) {
    if (task === undefined || task === 'embedding') return undefined;
    throw new UsageError(`--task ${task} has no preset "${family}".\n\n${usage}`);
  }
  const [given] = positionals;
  if (!given || !/^\w[\w.-]*$/.test(name)) throw new UsageError(usage);
  if (rule !== undefined && rule !== 'float16' && rule !== 'uint8') throw new UsageError(usage);
  if (values.template ?? values.output) {
    throw new UsageError('--template and --output are for embedders: omit them for a detector or a landmarker.');
  }
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  const base = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  return {
    given,
    file: resolve(base, given),
    folder: resolve(base, values.out ?? join('public', name)),
    name,
    preset,
    size: sizeOf(values.size),
    rule,
    expectedHash: values.sha256,
  };
}

/** Converts and checks a detector or a landmarker, and writes its files and its entry in the manifest. @returns what to print. */
export async function addStage(request: StageRequest): Promise<string> {
  const { file, folder, name, rule, size, preset } = request;
  const bytes = readChecked(request);
  const hash = sha256(bytes);
  const manifest = readManifestOf(folder);
  const { width, height } = preset.preset.preprocessing;
  const read = await readModel(file, bytes, undefined, { inputSize: size, defaultSize: { width, height } });
  const conversion = `${read.format}, converted to a graph model${rule ? ` with ${rule} weights` : ''}`;
  const source = { package: 'your own', version: `sha256 ${hash}`, files: [basename(file)], conversion };
  const { descriptor, files } = await described({ name, read, rule, source }, preset);
  const model = {
    ...descriptor,
    files: files.map((each) => ({
      path: `${name}/${each.path}`,
      bytes: each.bytes.length,
      sha256: sha256(each.bytes),
    })),
  } as DetectionDescriptor | LandmarksDescriptor;
  writeNetwork(folder, manifest, model, files);
  const megabytes = (files.reduce((sum, each) => sum + each.bytes.length, 0) / 1e6).toFixed(1);
  const input = `${model.preprocessing.width}×${model.preprocessing.height}`;
  const option = preset.task === 'detection' ? 'detector' : 'landmarker';
  return (
    `${folder}: the ${option} "${name}" for images of ${input}, ${megabytes} MB, from a file of the format ${read.format} with the SHA-256 ${hash}.\n` +
    fallbackNotice(kernelGaps(model, files)) +
    `Next, look at a photo with it, in a clone of facenet-web:\n  npm run faces -- PHOTO --models ${folder} --${option} ${name}\n`
  );
}

/** The sentences about operators that the kernels lack. */
export function fallbackNotice(gaps: readonly string[]): string {
  if (gaps.length === 0) return '';
  return `It falls back to TensorFlow.js, which is slower, because the kernels of facenet-web cannot run it:\n${gaps.map((gap) => `  ${gap}\n`).join('')}`;
}

function described(file: Parameters<typeof describeDetector>[0], { task, preset }: StageRequest['preset']) {
  const stage: Promise<DescribedStage> =
    task === 'detection'
      ? describeDetector(file, preset)
      : describeLandmarker(file, preset, pointCounts[preset.scheme]);
  return stage;
}

function presetOf(family: string, task: string | undefined): StageRequest['preset'] | undefined {
  const detector = Object.hasOwn(detectionPresets, family) ? detectionPresets[family] : undefined;
  const landmarker = Object.hasOwn(landmarkPresets, family) ? landmarkPresets[family] : undefined;
  if (detector && (task ?? 'detection') === 'detection') return { task: 'detection', preset: detector };
  if (landmarker && (task ?? 'landmarks') === 'landmarks') return { task: 'landmarks', preset: landmarker };
  return undefined;
}

function sizeOf(text: string | undefined): StageRequest['size'] {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  if (!(Number(width) > 0 && Number(height) > 0)) {
    throw new UsageError(`--size is "${text}": use WIDTHxHEIGHT, such as 640x480.`);
  }
  return { width: Number(width), height: Number(height) };
}

function readChecked({ given, file, expectedHash }: StageRequest): Buffer {
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  const bytes = readFileSync(file);
  const hash = sha256(bytes);
  if (expectedHash !== undefined && expectedHash.toLowerCase() !== hash) {
    throw new Error(`${given} has the SHA-256 ${hash} instead of ${expectedHash}: download it again.`);
  }
  return bytes;
}
