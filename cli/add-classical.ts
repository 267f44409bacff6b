import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClassicalDescriptor, ModelDescriptor } from '../lib/models/manifest.ts';
import { parsed, UsageError } from './command.ts';
import type { ClassicalModel } from './convert/classical/classical-model.ts';
import { describeCaffeSsd } from './convert/classical/describe-caffe-ssd.ts';
import { isClassicalFile, readClassical } from './convert/classical/read-classical.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { isPrototxt } from './convert/readers/caffe/prototxt.ts';
import { readManifestOf, sha256, writeClassical, writeNetwork } from './models-folder.ts';

/** The part of the help about files that need no preset. */
export const classicalUsage = `Files of dlib and OpenCV need no --preset: shape predictors of 5 or 68 points, object detectors (.svm), the
face recognition ResNet and the mmod detector (.dat), cascades (.xml), and OpenCV's res10 SSD (deploy.prototxt
--weights FILE.caffemodel, whose SHA-256 --sha256 is). The names are dlib-5, dlib-68, dlib-hog, dlib-resnet,
dlib-mmod, viola-jones and opencv-dnn-ssd, unless --name gives another one.
`;

/** A file that was given. */
interface GivenFile {
  given: string;
  bytes: Uint8Array;
}

/** The options that concern these files. */
interface Options {
  name: string | undefined;
  out: string | undefined;
  sha256: string | undefined;
  quantize: Quantization | undefined;
}

/** The file with the weights, and its conversion. */
interface Conversion {
  file: GivenFile;
  convert(version: string): Promise<ClassicalModel>;
}

/**
 * Converts a file of dlib or OpenCV, and writes its files and its entry in the manifest.
 *
 * @returns what to print; undefined for a file of another format, and with the preset of another.
 * @throws {UsageError} for invalid arguments.
 */
export async function addClassical(args: string[]): Promise<string | undefined> {
  const option = { type: 'string' } as const;
  const { values, positionals } = parsed(() =>
    parseArgs({
      args,
      options: { name: option, out: option, preset: option, quantize: option, sha256: option, weights: option },
      allowPositionals: true,
      strict: false,
    }),
  );
  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  const base = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  const given = [...positionals, ...(textOf(values.weights) ? [values.weights as string] : [])];
  if (values.preset !== undefined || given.length === 0) return undefined;
  if (given.length === 1 && !existsSync(resolve(base, given[0] as string))) return undefined;
  const options = {
    name: textOf(values.name),
    out: textOf(values.out),
    sha256: textOf(values.sha256),
    quantize: quantizationOf(textOf(values.quantize)),
  };
  const conversion = conversionOf(
    given.map((file) => ({ given: file, bytes: readGiven(base, file) })),
    options,
  );
  return conversion && write(conversion, base, options);
}

/** How the files are converted; undefined for a file of another format. */
function conversionOf(files: readonly GivenFile[], { name, quantize }: Options): Conversion | undefined {
  const [first, second] = files as [GivenFile, GivenFile?];
  const description = files.find(({ bytes }) => isPrototxt(bytes));
  const isCaffe = description || second || /\.caffemodel$/.test(first.given);
  if (!isCaffe) {
    if (!isClassicalFile(first.bytes)) return undefined;
    const source = { package: 'your own', files: [basename(first.given)] };
    return { file: first, convert: (version) => readClassical(first.bytes, { ...source, version }, name) };
  }
  const weights = files.find((file) => file !== description);
  if (!description || !weights || files.length > 2) {
    throw new UsageError('A network of Caffe is two files: use add-model deploy.prototxt --weights FILE.caffemodel.');
  }
  const source = { package: 'your own', files: [description, weights].map((file) => basename(file.given)) };
  return {
    file: weights,
    convert: (version) =>
      describeCaffeSsd({
        description: description.bytes,
        weights: weights.bytes,
        source: { ...source, version },
        name,
        quantize,
      }),
  };
}

/** Checks the SHA-256, converts, and writes. @returns what to print. */
async function write({ file, convert }: Conversion, base: string, { sha256: expected, out }: Options): Promise<string> {
  const hash = sha256(file.bytes);
  if (expected !== undefined && expected.toLowerCase() !== hash) {
    throw new Error(`${file.given} has the SHA-256 ${hash} instead of ${expected}: download it again.`);
  }
  const { option, descriptor, files: content } = await convert(`sha256 ${hash}`);
  const files = content.map(({ path, bytes }) => ({ path: `${descriptor.name}/${path}`, bytes }));
  const folder = resolve(base, out ?? join('public', descriptor.name));
  const described = {
    ...descriptor,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
  } as ClassicalDescriptor | ModelDescriptor;
  const manifest = readManifestOf(folder);
  if ('kind' in described) writeClassical(folder, manifest, described, files);
  else writeNetwork(folder, manifest, described, files);
  const megabytes = (files.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6).toFixed(2);
  return `${folder}: the ${option} "${described.name}", ${megabytes} MB, from a file of ${(file.bytes.length / 1e6).toFixed(2)} MB with the SHA-256 ${hash}.\n`;
}

function readGiven(base: string, given: string): Uint8Array {
  const file = resolve(base, given);
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  return readFileSync(file);
}

function quantizationOf(rule: string | undefined): Quantization | undefined {
  if (rule === undefined || rule === 'float16' || rule === 'uint8') return rule;
  throw new UsageError(`--quantize is "${rule}": use float16 or uint8.`);
}
