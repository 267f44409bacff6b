import { dirname } from 'node:path';
import type { Calibration, Metric, TemplateName } from '../../../lib/core/types.ts';
import { readManifest } from '../manifest.ts';

/** A way of embedding to evaluate: a preset of the library, possibly with another embedder. */
export interface Recipe {
  /** The name of the preset, or of the other embedder. */
  name: string;
  preset: string;
  /** The name of the embedder. */
  model: string;
  metric: Metric;
  template: TemplateName;
  calibration: Calibration | undefined;
  /** The manifest of the other embedder, and its folder. */
  manifest?: string;
  folder?: string;
  /** Everything that the embeddings depend on: the cache key. */
  identity: unknown;
}

/**
 * @param ownManifest the manifest of an embedder that replaces the preset's.
 * @throws {Error} if there is no such preset or embedder.
 */
export function chooseRecipe(presetName: string, ownManifest?: string): Recipe {
  const shipped = readManifest();
  const preset = shipped.presets?.find(({ name }) => name === presetName);
  if (!preset) {
    throw new Error(`--preset is "${presetName}": use ${shipped.presets?.map(({ name }) => `"${name}"`).join(', ')}.`);
  }
  const models = ownManifest ? readManifest(ownManifest).models : shipped.models;
  const model = models.find(({ name, task }) => task === 'embedding' && (ownManifest || name === preset.embedder));
  if (model?.task !== 'embedding') throw new Error(`${ownManifest ?? 'The manifest'} has no embedder.`);
  // The calibration does not change embeddings.
  const { calibration, ...recipe } = preset;
  const files = [...shipped.models, ...models].flatMap((each) => each.files.map(({ sha256 }) => sha256));
  const identity = [recipe, files, model.preprocessing, model.template, model.outputs];
  const common = { preset: presetName, model: model.name, metric: model.metric, template: model.template, identity };
  if (!ownManifest) return { ...common, name: presetName, calibration };
  const own = { manifest: ownManifest, folder: dirname(ownManifest), calibration: model.calibration };
  return { ...common, name: model.name, ...own };
}
