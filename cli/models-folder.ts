import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest, ModelDescriptor } from '../lib/models/manifest.ts';
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

/** Writes a network's files, and its entry in the manifest. Replaces a network of the same name. */
export function writeNetwork(
  folder: string,
  manifest: Manifest,
  model: ModelDescriptor,
  files: readonly NetworkFile[],
): void {
  for (const { path, bytes } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  const others = manifest.models.filter((other) => other.name !== model.name);
  const updated: Manifest = { ...manifest, models: [...others, model] };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(updated, null, 2)}\n`);
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
