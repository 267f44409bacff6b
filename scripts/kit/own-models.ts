import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { readManifest } from './manifest.ts';
import { userPath } from './paths.ts';

/** Folders of models of one's own, beside the shipped one. */
export interface OwnModels {
  /** The folders by the prefix of their addresses, for the server. */
  folders: Record<string, string>;
  /** The paths of their manifests. */
  manifests: string[];
  /** Their networks. */
  models: ModelDescriptor[];
}

/**
 * The folders of `--models`.
 *
 * @param given paths as they were given on the command line.
 * @throws {Error} for a folder without a manifest.
 */
export function openOwnModels(given: readonly string[]): OwnModels {
  const folders = given.map((path) => {
    const folder = userPath(path);
    if (existsSync(join(folder, 'manifest.json'))) return folder;
    throw new Error(`--models: ${path} has no manifest.json: give a folder that "npm run models:add" wrote.`);
  });
  const manifests = folders.map((folder) => join(folder, 'manifest.json'));
  return {
    folders: Object.fromEntries(folders.map((folder, i) => [`/own-models-${i}`, folder])),
    manifests,
    models: manifests.flatMap((file) => readManifest(file).models),
  };
}

/** The addresses of all models, for `FaceNet.load({ models })`: those of one's own first. @param url the server's. */
export function modelAddresses(url: string, { folders }: OwnModels): string[] {
  return [...Object.keys(folders).map((prefix) => `${url}${prefix.slice(1)}/`), `${url}models/`];
}
