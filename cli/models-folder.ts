import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClassicalDescriptor, Manifest, ModelDescriptor } from '../lib/models/manifest.ts';
import { parseManifest } from '../lib/models/manifest-schema.ts';

/** A file of a network, by its path below the network's folder. */
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

/** Writes a network's files, and its entry in the manifest. Replaces a network of the same name. */
export function writeNetwork(
  folder: string,
  manifest: Manifest,
  model: ModelDescriptor,
  files: readonly NetworkFile[],
): void {
  const others = manifest.models.filter((other) => other.name !== model.name);
  write(folder, { ...manifest, models: [...others, model] }, model.name, files);
}

/** Writes the file of a stage that is no network, and its entry in the manifest. Replaces one of the same name. */
export function writeClassical(
  folder: string,
  manifest: Manifest,
  model: ClassicalDescriptor,
  files: readonly NetworkFile[],
): void {
  const others = (manifest.classical ?? []).filter((other) => other.name !== model.name);
  write(folder, { ...manifest, classical: [...others, model] }, model.name, files);
}

function write(folder: string, manifest: Manifest, name: string, files: readonly NetworkFile[]): void {
  for (const { path, bytes } of files) {
    const target = join(folder, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
