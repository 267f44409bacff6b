import { dirname } from 'node:path';
import type { Calibration, Metric, TemplateName } from '../../../lib/core/types.ts';
import { readManifest } from '../manifest.ts';

/** A way of embedding to evaluate: a preset of the library, possibly with another embedder. */
export interface Recipe {
  /** The name of the preset, or of the other embedder. */
  name: string;
  preset: string;
  /** The name of the embedder: a network or a fusion. */
  model: string;
  metric: Metric;
  /** The alignment template; of a fusion, that of its first network. */
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
  const { models, fusions } = ownManifest ? readManifest(ownManifest) : shipped;
  const fusion = ownManifest ? undefined : fusions?.find(({ name }) => name === preset.embedder);
  const embedders = models.filter((model) => model.task === 'embedding');
  const names = fusion?.parts.map(({ embedder }) => embedder) ?? [ownManifest ? embedders[0]?.name : preset.embedder];
  const networks = names.flatMap((wanted) => embedders.find(({ name }) => name === wanted) ?? []);
  const [network] = networks;
  if (!network) throw new Error(`${ownManifest ?? 'The manifest'} has no embedder.`);
  // The calibration does not change embeddings.
  const { calibration, ...recipe } = preset;
  const files = [...shipped.models, ...models].flatMap((each) => each.files.map(({ sha256 }) => sha256));
  const inputs = networks.flatMap(({ preprocessing, template, outputs }) => [preprocessing, template, outputs]);
  const common = {
    preset: presetName,
    model: fusion?.name ?? network.name,
    metric: fusion ? ('cosine' as const) : network.metric,
    template: network.template,
    identity: [recipe, files, ...inputs, ...(fusion?.parts ?? [])],
  };
  if (!ownManifest) return { ...common, name: presetName, calibration };
  const own = { manifest: ownManifest, folder: dirname(ownManifest), calibration: network.calibration };
  return { ...common, name: network.name, ...own };
}
