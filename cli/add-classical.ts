import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClassicalDescriptor, ModelDescriptor } from '../lib/models/manifest.ts';
import { parsed } from './command.ts';
import { isClassicalFile, readClassical } from './convert/classical/read-classical.ts';
import { readManifestOf, sha256, writeClassical, writeNetwork } from './models-folder.ts';

/** The part of the help about files that need no preset. */
export const classicalUsage = `Files of dlib and OpenCV need no --preset: shape predictors of 5 or 68 points, object detectors (.svm), the
face recognition ResNet and the mmod detector (.dat), and cascades (.xml). The names are dlib-5, dlib-68,
dlib-hog, dlib-resnet, dlib-mmod and viola-jones, unless --name gives another one.
`;

/**
 * Converts a file of dlib or OpenCV, and writes its files and its entry in the manifest.
 *
 * @returns what to print; undefined for a file of another format, and with the preset of another.
 */
export async function addClassical(args: string[]): Promise<string | undefined> {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args,
      options: {
        name: { type: 'string' },
        out: { type: 'string' },
        preset: { type: 'string' },
        sha256: { type: 'string' },
      },
      allowPositionals: true,
      strict: false,
    }),
  );
  const [given] = positionals;
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  const base = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  const file = resolve(base, given ?? '');
  if (!given || values.preset !== undefined || !existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  if (!isClassicalFile(bytes)) return undefined;
  const hash = sha256(bytes);
  if (typeof values.sha256 === 'string' && values.sha256.toLowerCase() !== hash) {
    throw new Error(`${given} has the SHA-256 ${hash} instead of ${values.sha256}: download it again.`);
  }
  const source = { package: 'your own', version: `sha256 ${hash}`, files: [basename(file)] };
  const name = typeof values.name === 'string' ? values.name : undefined;
  const { option, descriptor, files: content } = await readClassical(bytes, source, name);
  const files = content.map(({ path, bytes }) => ({ path: `${descriptor.name}/${path}`, bytes }));
  const folder = resolve(base, typeof values.out === 'string' ? values.out : join('public', descriptor.name));
  const described = {
    ...descriptor,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
  } as ClassicalDescriptor | ModelDescriptor;
  const manifest = readManifestOf(folder);
  if ('kind' in described) writeClassical(folder, manifest, described, files);
  else writeNetwork(folder, manifest, described, files);
  const megabytes = (files.reduce((sum, { bytes: content }) => sum + content.length, 0) / 1e6).toFixed(2);
  return `${folder}: the ${option} "${described.name}", ${megabytes} MB, from a file of ${(bytes.length / 1e6).toFixed(2)} MB with the SHA-256 ${hash}.\n`;
}
