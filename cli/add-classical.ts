import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parsed, UsageError } from './command.ts';
import { isClassicalFile } from './convert/classical/read-classical.ts';
import { convertOriginal, type OriginalFile } from './convert/convert-original.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { isPrototxt } from './convert/readers/caffe/prototxt.ts';
import { readManifestOf, sha256, writeClassical, writeNetwork } from './models-folder.ts';

/** The part of the help about files that need no preset. */
export const classicalUsage = `Files of dlib and OpenCV need no --preset: shape predictors of 5 or 68 points, object detectors (.svm), the
face recognition ResNet and the mmod detector (.dat), cascades (.xml), and OpenCV's res10 SSD (deploy.prototxt
--weights FILE.caffemodel, whose SHA-256 --sha256 is). The names are dlib-5, dlib-68, dlib-hog, dlib-resnet,
dlib-mmod, viola-jones and opencv-dnn-ssd, unless --name gives another one.
`;

/** The options that concern these files. */
interface Options {
  name: string | undefined;
  out: string | undefined;
  sha256: string | undefined;
  quantize: Quantization | undefined;
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
  const files = given.map((file) => ({ name: basename(file), bytes: readGiven(base, file) }));
  const [first] = files as [OriginalFile];
  const isKnown = files.length > 1 || isCaffeFile(first) || isClassicalFile(first.bytes);
  return isKnown ? add(files, base, options) : undefined;
}

function isCaffeFile({ name, bytes }: OriginalFile): boolean {
  return isPrototxt(bytes) || /\.caffemodel$/.test(name);
}

/** Checks the SHA-256, converts, and writes. @returns what to print. */
async function add(files: readonly OriginalFile[], base: string, options: Options): Promise<string> {
  const descriptions = files.filter(({ bytes }) => isPrototxt(bytes)).length;
  const isCaffe = files.length > 1 || files.some(isCaffeFile);
  if (isCaffe && (files.length !== 2 || descriptions !== 1)) {
    throw new UsageError('A network of Caffe is two files: use add-model deploy.prototxt --weights FILE.caffemodel.');
  }
  const hashed = files.find(({ bytes }) => !isPrototxt(bytes)) as OriginalFile;
  const hash = sha256(hashed.bytes);
  if (options.sha256 !== undefined && options.sha256.toLowerCase() !== hash) {
    throw new Error(`${hashed.name} has the SHA-256 ${hash} instead of ${options.sha256}: download it again.`);
  }
  const { option, descriptor, files: written } = await convertOriginal(files, options);
  const folder = resolve(base, options.out ?? join('public', descriptor.name));
  const manifest = readManifestOf(folder);
  if ('kind' in descriptor) writeClassical(folder, manifest, descriptor, written);
  else writeNetwork(folder, manifest, descriptor, written);
  const megabytes = (written.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6).toFixed(2);
  return `${folder}: the ${option} "${descriptor.name}", ${megabytes} MB, from a file of ${(hashed.bytes.length / 1e6).toFixed(2)} MB with the SHA-256 ${hash}.\n`;
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
