import { parseArgs } from 'node:util';
import type { Preset } from '../../lib/models/manifest.ts';
import type { Dataset, ImagePair } from '../kit/datasets/dataset.ts';
import { openDataset } from '../kit/datasets/open.ts';
import type { Protocol, ReplacedStages } from '../kit/lfw/facenet.ts';
import { choosePairs } from '../kit/lfw/pairs.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { readManifest } from '../kit/manifest.ts';
import { openOwnModels } from '../kit/own-models.ts';
import { userPath } from '../kit/paths.ts';

/** The preset that is evaluated by default, and that the library loads by default. */
export const defaultPreset = 'balanced';

/** The help text of the command. */
export const usage = `usage: npm run evaluate -- --data PATH [--protocol detector|centre|aligned] [--preset NAME|all] [--folds 1-4] [--limit N]
       [--detector NAME] [--landmarker NAME] [--embedder NAME|MANIFEST] [--models DIR]… [--peers] [--json FILE] [--calibrate] [--write]

PATH         a folder in the layout of LFW (pairs.txt and images/NAME/NAME_0001.jpg), XQLFW, CALFW, CPLFW, AgeDB-30 or CFP,
             or a .bin file of InsightFace
--protocol   centre: a fixed crop of each image instead of a detected face; aligned: the image is an aligned crop
             default: aligned for a .bin file if the embedder's template is ArcFace's, else detector
--preset     default: ${defaultPreset}
--limit      uses the first N pairs of each fold only
--detector   replaces the preset's detector
--landmarker replaces the preset's landmarker
--embedder   replaces the preset's embedder: the name of another one, or the manifest of one that "npm run models:add" wrote
--models     a folder that "npm run models:add" wrote, with networks for these options; repeatable
--peers      evaluates face-api and Human on the same images
--json       writes the figures, all scores and the thresholds to a file
--calibrate  fits the calibration and writes it into scripts/prepare/calibrations.json, or into the embedder's manifest
--write      evaluates all presets, the default preset with --protocol centre, and the peers, and writes the tables of
             README.md and docs/accuracy.md and the data of the demo's Lab`;

/** A preset, or another embedder, with the way of locating faces. */
export interface Subject {
  recipe: Recipe;
  protocol: Protocol;
}

/** The options of the command line, checked. */
export interface Options {
  dataset: Dataset;
  subjects: Subject[];
  pairs: ImagePair[];
  replaced: ReplacedStages;
  peers: boolean;
  json: string | undefined;
  calibrate: boolean;
  write: boolean;
}

/** @throws {Error} for an invalid command line, and if the data set cannot be opened. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      protocol: { type: 'string' },
      preset: { type: 'string' },
      detector: { type: 'string' },
      landmarker: { type: 'string' },
      embedder: { type: 'string' },
      models: { type: 'string', multiple: true, default: [] },
      folds: { type: 'string' },
      limit: { type: 'string' },
      peers: { type: 'boolean', default: false },
      json: { type: 'string' },
      calibrate: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { protocol, preset, detector, landmarker, embedder, json, peers, calibrate, write } = values;
  if (!values.data) throw new Error(usage);
  const dataset = openDataset(userPath(values.data));
  const pairs = choosePairs(dataset.pairs, values.folds, values.limit);
  const models = openOwnModels(values.models);
  const replaced = { detector, landmarker, models };
  const common = { dataset, pairs, replaced, json, calibrate, write };
  if (write) {
    if (protocol ?? preset ?? detector ?? landmarker ?? embedder) {
      throw new Error(
        '--write evaluates the presets as they are: omit --protocol, --preset, --detector, --landmarker and --embedder.',
      );
    }
    if (calibrate)
      throw new Error('--write includes a fixed crop, which has no calibration: use --preset all --calibrate instead.');
    return { ...common, subjects: documentedSubjects(), peers: true };
  }
  if (preset === 'all' && embedder) throw new Error('--embedder replaces the embedder of one preset: name the preset.');
  const names = preset === 'all' ? presetNames() : [preset ?? defaultPreset];
  const subjects = names.map((name) => {
    const other = embedder?.endsWith('.json') ? userPath(embedder) : embedder;
    const recipe = chooseRecipe(name, other, models.manifests);
    return { recipe, protocol: chooseProtocol(protocol, dataset, recipe) };
  });
  return { ...common, subjects, peers };
}

/** What the tables of the documents contain, besides the peers. */
function documentedSubjects(): Subject[] {
  const presets = presetNames().map((name): Subject => ({ recipe: chooseRecipe(name), protocol: 'detector' }));
  return [...presets, { recipe: chooseRecipe(defaultPreset), protocol: 'centre' }];
}

/** The presets that embed differently. One that only searches photos differently has the calibration of an earlier one. */
function presetNames(): string[] {
  const presets = readManifest().presets ?? [];
  const embedding = ({ embedder, landmarkPasses, zooms, mirrored }: Preset) =>
    JSON.stringify([embedder, landmarkPasses, zooms, mirrored]);
  const first = new Map([...presets].reverse().map((preset) => [embedding(preset), preset]));
  return presets.filter((preset) => first.get(embedding(preset)) === preset).map(({ name }) => name);
}

function chooseProtocol(name: string | undefined, { aligned }: Dataset, { template }: Recipe): Protocol {
  if (name === undefined) return aligned && template === 'arcface' ? 'aligned' : 'detector';
  if (name !== 'detector' && name !== 'centre' && name !== 'aligned') throw new Error(usage);
  return name;
}
