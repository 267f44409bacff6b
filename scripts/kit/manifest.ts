import { readFileSync } from 'node:fs';
import type { Manifest, Preset } from '../../lib/models/manifest.ts';
import { repositoryPath } from './paths.ts';

/** Reads a manifest; the one of the shipped models by default. */
export function readManifest(file = repositoryPath('public/models/manifest.json')): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

/** A preset of the shipped manifest. @throws {Error} with the names that exist. */
export function shippedPreset(name: string): Preset {
  const { presets = [] } = readManifest();
  const preset = presets.find((each) => each.name === name);
  if (!preset)
    throw new Error(`There is no preset "${name}": use ${presets.map((each) => `"${each.name}"`).join(', ')}.`);
  return preset;
}
