import { dirname } from 'node:path';
import type { Calibration, Metric, TemplateName } from '../../../lib/core/types.ts';
import type { EmbeddingDescriptor, Manifest } from '../../../lib/models/manifest.ts';
import { readManifest } from '../manifest.ts';

/** A way of embedding to evaluate: a preset of the library, possibly with another embedder. */
export interface Recipe {
  /** The name of the preset, or of the other embedder. */
  name: string;
  preset: string;
  /** The name of the embedder: a network or a fusion. */
  model: string;
  metric: Metric;
  /** The length of an embedding. */
  dimension: number;
  /** The alignment template; of a fusion, that of its first network. */
  template: TemplateName;
  calibration: Calibration | undefined;
  /** The embedder that replaces the preset's. */
  embedder?: string;
  /** The manifest of an embedder of one's own, and its folder. */
  manifest?: string;
  folder?: string;
  /** Everything that the embeddings depend on: the cache key. */
  identity: unknown;
}

/**
 * @param embedder replaces the preset's embedder: the name of another one of the library, or the path of the manifest of
 *   one's own.
 * @param ownManifests the paths of manifests that an embedder of one's own may be named in.
 * @throws {Error} if there is no such preset or embedder, and for the path of a manifest with several embedders.
 */
export function chooseRecipe(presetName: string, embedder?: string, ownManifests: readonly string[] = []): Recipe {
  const shipped = readManifest();
  const preset = shipped.presets?.find(({ name }) => name === presetName);
  if (!preset) {
    throw new Error(`--preset is "${presetName}": use ${shipped.presets?.map(({ name }) => `"${name}"`).join(', ')}.`);
  }
  const isPath = embedder?.endsWith('.json') ?? false;
  const hasEmbedder = (file: string) => embeddersOf(readManifest(file)).some(({ name }) => name === embedder);
  const ownManifest = isPath ? embedder : ownManifests.find(hasEmbedder);
  const manifest = ownManifest ? readManifest(ownManifest) : shipped;
  const name = isPath ? onlyEmbedderOf(manifest, embedder as string) : (embedder ?? preset.embedder);
  const fusion = manifest.fusions?.find((each) => each.name === name);
  const parts = fusion?.parts.map((part) => part.embedder) ?? [name];
  const networks = parts.flatMap((part) => embeddersOf(manifest).find((model) => model.name === part) ?? []);
  const [network] = networks;
  if (!network) throw new Error(`${ownManifest ?? 'The manifest'} has no embedder${name ? ` "${name}"` : ''}.`);
  // The calibration does not change embeddings.
  const { calibration, ...recipe } = preset;
  const files = [...shipped.models, ...manifest.models].flatMap((each) => each.files.map(({ sha256 }) => sha256));
  const inputs = networks.flatMap(({ preprocessing, template, zoom, outputs }) => [
    preprocessing,
    template,
    zoom,
    outputs,
  ]);
  const common = {
    preset: presetName,
    model: fusion?.name ?? network.name,
    metric: fusion ? ('cosine' as const) : network.metric,
    dimension: networks.reduce((sum, { dimension }) => sum + dimension, 0),
    template: network.template,
    identity: [recipe, files, ...inputs, ...(fusion?.parts ?? [])],
  };
  if (!embedder) return { ...common, name: presetName, calibration };
  const other = { ...common, name: common.model, embedder: common.model, calibration: (fusion ?? network).calibration };
  return ownManifest ? { ...other, manifest: ownManifest, folder: dirname(ownManifest) } : other;
}

function embeddersOf({ models }: Manifest): EmbeddingDescriptor[] {
  return models.filter((model) => model.task === 'embedding');
}

/** The name of a manifest's embedder. @throws {Error} for several, of which the path names none. */
function onlyEmbedderOf(manifest: Manifest, path: string): string | undefined {
  const names = embeddersOf(manifest).map(({ name }) => name);
  if (names.length <= 1) return names[0];
  throw new Error(
    `${path} has the embedders ${names.join(', ')}: use --models ${dirname(path)} --embedder NAME instead of the path.`,
  );
}
