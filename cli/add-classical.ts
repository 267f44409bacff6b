import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { templateNames } from '../lib/alignment/templates.ts';
import {
  type AddArguments,
  checkedHash,
  givenPath,
  megabytesOf,
  outputFolder,
  quantizationOf,
  readGiven,
  refuseOptions,
} from './add-arguments.ts';
import { UsageError } from './command.ts';
import { isClassicalFile } from './convert/classical/read-classical.ts';
import { convertOriginal, type OriginalFile } from './convert/convert-original.ts';
import { isPrototxt } from './convert/readers/caffe/prototxt.ts';
import { readManifestOf, writeClassical, writeNetwork } from './models-folder.ts';

/** The part of the help about files that need no preset. */
export const classicalUsage = `Files of dlib and OpenCV need no --preset: shape predictors of 5 or 68 points, object detectors (.svm), the
face recognition ResNet and the mmod detector (.dat), cascades (.xml), and OpenCV's res10 SSD (deploy.prototxt
--weights FILE.caffemodel, whose SHA-256 --sha256 is; the only ones that --quantize concerns). --template is for the
ResNet: dlib-chip, or dlib for landmarks that are not dlib's. The names are dlib-5, dlib-68, dlib-hog, dlib-resnet,
dlib-mmod, viola-jones and opencv-dnn-ssd, unless --name gives another one.
`;

/**
 * Converts a file of dlib or OpenCV, and writes its files and its entry in the manifest.
 *
 * @returns what to print; undefined for a file of another format, and with the preset of another.
 * @throws {UsageError} for invalid arguments.
 */
export async function addClassical(given: AddArguments): Promise<string | undefined> {
  const { preset, weights } = given.values;
  const paths = [...given.files, ...(weights === undefined ? [] : [weights])];
  if (preset !== undefined || paths.length === 0) return undefined;
  if (paths.length === 1 && !existsSync(givenPath(paths[0] as string))) return undefined;
  const files: OriginalFile[] = paths.map((path) => ({ name: basename(path), bytes: readGiven(path) }));
  const [first] = files as [OriginalFile, ...OriginalFile[]];
  const isKnown = files.length > 1 || isCaffeFile(first) || isClassicalFile(first.bytes);
  return isKnown ? add(files, given) : undefined;
}

function isCaffeFile({ name, bytes }: OriginalFile): boolean {
  return isPrototxt(bytes) || /\.caffemodel$/.test(name);
}

/** Checks the SHA-256, converts, and writes. @returns what to print. */
async function add(files: readonly OriginalFile[], given: AddArguments): Promise<string> {
  refuseOptions(given, ['task', 'output', 'size'], 'Files of dlib and OpenCV state what they are.');
  const descriptions = files.filter(({ bytes }) => isPrototxt(bytes)).length;
  const isCaffe = files.length > 1 || files.some(isCaffeFile);
  if (isCaffe && (files.length !== 2 || descriptions !== 1)) {
    throw new UsageError('A network of Caffe is two files: use add-model deploy.prototxt --weights FILE.caffemodel.');
  }
  const quantize = quantizationOf(given);
  if (!isCaffe) refuseOptions(given, ['quantize'], 'Only networks of Caffe are quantised.');
  const { name, template } = given.values;
  const known = templateNames.find((each) => each === template);
  if (template !== undefined && !known)
    throw new UsageError(`--template is "${template}": use ${templateNames.join(', ')}.`);
  const hashed = files.find(({ bytes }) => !isPrototxt(bytes)) as OriginalFile;
  const hash = checkedHash(hashed.name, hashed.bytes, given);
  const { option, descriptor, files: written } = await convertOriginal(files, { name, quantize, template: known });
  const folder = outputFolder(given, descriptor.name);
  const manifest = readManifestOf(folder);
  if ('kind' in descriptor) writeClassical(folder, manifest, descriptor, written);
  else writeNetwork(folder, manifest, descriptor, written);
  return `${folder}: the ${option} "${descriptor.name}", ${megabytesOf(written, 2)} MB, from a file of ${megabytesOf([hashed], 2)} MB with the SHA-256 ${hash}.\n`;
}
