import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClassicalDescriptor, Manifest, ModelDescriptor } from '../lib/models/manifest.ts';
import { parseManifest } from '../lib/models/manifest-schema.ts';

/** A file of a network, by its path below the models folder. */
export interface NetworkFile {
  path: string;
  bytes: Uint8Array;
}

/** The manifest of a models folder; an empty one when the folder has none. @throws {FaceNetError} for an invalid manifest. */
export function readManifestOf(folder: string): Manifest {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return { version: 1, models: [], engines: [] };
  return parseManifest(JSON.parse(readFileSync(path, 'utf8')), path);
}

/**
 * Writes a network's files, and then its entry in the manifest. Replaces a network of the same name. Every file is written
 * under another name and renamed, so that an interruption leaves no file that is half written. The files together are not
 * replaced at once: an interruption between two renames leaves new files under the former manifest. Their SHA-256 is not
 * the manifest's, so that loading the network throws `model-corrupt` until it is written again.
 */
export function writeNetwork(
  folder: string,
  manifest: Manifest,
  model: ModelDescriptor,
  files: readonly NetworkFile[],
): void {
  writeNetworks(folder, manifest, [model], files);
}

/** {@link writeNetwork} for the networks of one detector. */
export function writeNetworks(
  folder: string,
  manifest: Manifest,
  models: readonly ModelDescriptor[],
  files: readonly NetworkFile[],
): void {
  const names = new Set(models.map(({ name }) => name));
  const others = manifest.models.filter(({ name }) => !names.has(name));
  write(folder, { ...manifest, models: [...others, ...models] }, files);
}

/** {@link writeNetwork} for a stage that is no network. */
export function writeClassical(
  folder: string,
  manifest: Manifest,
  model: ClassicalDescriptor,
  files: readonly NetworkFile[],
): void {
  const others = (manifest.classical ?? []).filter((other) => other.name !== model.name);
  write(folder, { ...manifest, classical: [...others, model] }, files);
}

function write(folder: string, manifest: Manifest, files: readonly NetworkFile[]): void {
  const targets = files.map(({ path, bytes }) => ({ target: join(folder, path), contents: bytes }));
  for (const { target } of targets) mkdirSync(dirname(target), { recursive: true });
  writeAtomically([
    ...targets,
    { target: join(folder, 'manifest.json'), contents: `${JSON.stringify(manifest, null, 2)}\n` },
  ]);
}

/** Writes files that replace others, all or none if the disk is full, and renames them in order. */
function writeAtomically(files: readonly { target: string; contents: string | Uint8Array }[]): void {
  const temporary = (target: string) => `${target}.${process.pid}.tmp`;
  try {
    for (const { target, contents } of files) writeFileSync(temporary(target), contents);
    for (const { target } of files) renameSync(temporary(target), target);
  } finally {
    for (const { target } of files) rmSync(temporary(target), { force: true });
  }
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
