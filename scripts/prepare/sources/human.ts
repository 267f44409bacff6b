import type { GraphModel } from '../../../cli/convert/graph/graph-model.ts';
import type { ModelSource } from '../../../lib/models/manifest.ts';
import { packageFile, source } from './npm-packages.ts';

/** The npm package of Human's networks, which are graph models already. */
const human = '@vladmandic/human';

/** The provenance of one of Human's networks. */
export function humanSource(network: string): ModelSource {
  return source(human, [`models/${network}.json`, `models/${network}.bin`], 'weight file renamed');
}

/** One of Human's networks, with its weight file renamed to `weights.bin`. */
export function humanModel(network: string): GraphModel {
  const json = JSON.parse(packageFile(human, `models/${network}.json`).toString());
  json.weightsManifest[0].paths = ['weights.bin'];
  return { json, weights: packageFile(human, `models/${network}.bin`) };
}
