import { parseArgs } from 'node:util';
import type { Dataset, ImagePair } from '../kit/datasets/dataset.ts';
import { openDataset } from '../kit/datasets/open.ts';
import type { Protocol } from '../kit/lfw/facenet.ts';
import { choosePairs } from '../kit/lfw/pairs.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { userPath } from '../kit/paths.ts';

/** The help text of the command. */
export const usage = `usage: npm run evaluate -- --data PATH [--protocol detector|centre|aligned] [--preset NAME] [--folds 1-4] [--limit N]
       [--detector NAME] [--embedder MANIFEST] [--peers] [--json FILE] [--calibrate] [--curves]

PATH         a folder in the layout of LFW (pairs.txt and images/NAME/NAME_0001.jpg), XQLFW, CALFW, CPLFW, AgeDB-30 or CFP,
             or a .bin file of InsightFace
--protocol   centre: a fixed crop of each image instead of a detected face; aligned: the image is an aligned crop
             default: aligned for a .bin file if the embedder's template is ArcFace's, else detector
--limit      uses the first N pairs of each fold only
--detector   replaces the preset's detector
--embedder   replaces the preset's embedder; the manifest that "npm run models:add" wrote
--peers      evaluates face-api and Human on the same images
--json       writes the figures and all scores to a file
--calibrate  fits the calibration and writes it into scripts/prepare/calibrations.json, or into the embedder's manifest
--curves     writes the accept rates at each distance into demo/views/lab/accuracy.json, for the demo`;

/** The options of the command line, checked. */
export interface Options {
  dataset: Dataset;
  protocol: Protocol;
  recipe: Recipe;
  pairs: ImagePair[];
  detector: string | undefined;
  peers: boolean;
  json: string | undefined;
  calibrate: boolean;
  curves: boolean;
}

/** @throws {Error} for an invalid command line, and if the data set cannot be opened. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      protocol: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      detector: { type: 'string' },
      embedder: { type: 'string' },
      folds: { type: 'string' },
      limit: { type: 'string' },
      peers: { type: 'boolean', default: false },
      json: { type: 'string' },
      calibrate: { type: 'boolean', default: false },
      curves: { type: 'boolean', default: false },
    },
  });
  const { detector, json, peers, calibrate, curves } = values;
  if (!values.data) throw new Error(usage);
  const dataset = openDataset(userPath(values.data));
  const pairs = choosePairs(dataset.pairs, values.folds, values.limit);
  const recipe = chooseRecipe(values.preset, values.embedder && userPath(values.embedder));
  const protocol = chooseProtocol(values.protocol, dataset, recipe);
  return { dataset, protocol, recipe, pairs, detector, peers, json, calibrate, curves };
}

function chooseProtocol(name: string | undefined, { aligned }: Dataset, { template }: Recipe): Protocol {
  if (name === undefined) return aligned && template === 'arcface' ? 'aligned' : 'detector';
  if (name !== 'detector' && name !== 'centre' && name !== 'aligned') throw new Error(usage);
  return name;
}
