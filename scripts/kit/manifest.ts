import { readFileSync } from 'node:fs';
import type { Metric } from '../../lib/core/types.ts';
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

/** The metric of an embedding network, or of a fusion. @throws {Error} if the manifest has none of this name. */
export function metricOf({ models, fusions = [] }: Manifest, embedder: string): Metric {
  if (fusions.some(({ name }) => name === embedder)) return 'cosine';
  const model = models.find(({ name }) => name === embedder);
  if (model?.task !== 'embedding') throw new Error(`The manifest has no embedder "${embedder}".`);
  return model.metric;
}

/** JSON of two spaces of indentation, with lists of a hundred numbers and more on one line. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const compact = text.replace(/\[(?:\s*-?[\d.e+-]+,){99,}\s*-?[\d.e+-]+\s*\]/g, (list) => list.replace(/\s+/g, ''));
  return `${compact}\n`;
}
