import { readFileSync } from 'node:fs';
import { tileLevels } from '../../lib/detection/tiles.ts';
import type { Manifest, ModelDescriptor, Preset } from '../../lib/models/manifest.ts';
import { readGraphModel } from '../../lib/runtime/graph-model.ts';
import { lower } from '../../lib/runtime/kernels/lowering/lower.ts';
import type { Operation } from '../../lib/runtime/kernels/lowering/program.ts';
import type { ModelFiles } from '../../lib/runtime/runtime.ts';
import { readManifest, shippedPreset } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';

/** The `minSize` of presets without one of their own for a photo of 640×480 pixels (lib/pipeline/options.ts). */
const defaultMinSize = 25;

/** The cost of a network in the embedding of the faces of a picture. */
export interface NetworkCost {
  name: string;
  /** The multiply-adds of one run, in 10⁹. */
  gmac: number;
  /** The minimum number of runs. */
  runs: number;
}

/** A picture of 640×480 pixels with upright faces. Videos are searched upright, without tiles. */
export interface CostedPicture {
  kind: 'photo' | 'video';
  faces: number;
}

/** The minimum cost of each network of a preset for a picture, with the default options. */
export function networkCosts(presetName: string, { kind, faces }: CostedPicture): NetworkCost[] {
  const manifest = readManifest();
  const preset = shippedPreset(presetName);
  const detector = manifest.models.find(({ name }) => name === preset.detector);
  const closeUp = detector?.task === 'detection' ? detector.closeUp : undefined;
  // The whole photo upright and upside down if the search is thorough, and the tiles.
  const wholeSearches = (preset.search?.thorough ?? true) ? 2 : 0;
  const searches = kind === 'photo' && closeUp ? wholeSearches + tileCount(manifest, preset, closeUp) : 0;
  return [
    { name: preset.detector, runs: 1 },
    ...(closeUp ? [{ name: closeUp, runs: searches + faces }] : []),
    { name: preset.landmarker, runs: preset.landmarkPasses * faces },
    ...embeddingRuns(manifest, preset).map(({ name, runs }) => ({ name, runs: runs * faces })),
  ].map(costOfRuns(manifest));
}

/** The tiles of a photo of 640×480 pixels in which a network of this input finds faces of the preset's default size. */
function tileCount({ models }: Manifest, { search }: Preset, network: string): number {
  const size = models.find(({ name }) => name === network)?.preprocessing.width ?? Number.NaN;
  const minSize = search ? Math.max(search.minSize.pixels, 640 * search.minSize.share) : defaultMinSize;
  return tileLevels({ width: 640, height: 480 }, minSize, size).flat().length;
}

/** The multiply-adds that a preset needs to embed an aligned face, in 10⁹. */
export function embeddingGmac(presetName: string): number {
  const manifest = readManifest();
  const costs = embeddingRuns(manifest, shippedPreset(presetName)).map(costOfRuns(manifest));
  return costs.reduce((sum, { gmac, runs }) => sum + gmac * runs, 0);
}

/** The runs of the embedding networks for one face. */
function embeddingRuns({ fusions = [] }: Manifest, { embedder, zooms, mirrored }: Preset): Omit<NetworkCost, 'gmac'>[] {
  const parts = fusions.find(({ name }) => name === embedder)?.parts ?? [{ embedder }];
  return parts.map((part) => ({ name: part.embedder, runs: zooms.length * (mirrored ? 2 : 1) }));
}

/** The multiply-adds of one run of a network, in 10⁹. */
export function networkCost(name: string): number {
  return costInManifest(readManifest(), name) / 1e9;
}

function costOfRuns(manifest: Manifest): (runs: Omit<NetworkCost, 'gmac'>) => NetworkCost {
  return ({ name, runs }) => ({ name, runs, gmac: costInManifest(manifest, name) / 1e9 });
}

function costInManifest({ models }: Manifest, name: string): number {
  const descriptor = models.find((model) => model.name === name);
  if (!descriptor) throw new Error(`The manifest has no network "${name}".`);
  const read = (path: string) => new Uint8Array(readFileSync(repositoryPath(`public/models/${path}`)));
  const [json, weights] = descriptor.files.map(({ path }) => read(path)) as [
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
  ];
  return multiplyAdds(descriptor, { json, weights });
}

/** The multiply-adds of one run of a network. */
export function multiplyAdds({ input, outputs }: ModelDescriptor, files: ModelFiles): number {
  const names = outputs.map((output) => output.name);
  const { operations } = lower(readGraphModel(files), input.name, names);
  return operations.reduce((sum, operation) => sum + costOf(operation), 0);
}

/** The multiply-adds of a convolution: the output pixels times the weights of the filter. */
function costOf(operation: Operation): number {
  if (operation.kind !== 'convolution' && operation.kind !== 'depthwise') return 0;
  const { height, width } = operation.output;
  return height * width * operation.filter.shape.reduce((product, size) => product * size, 1);
}
