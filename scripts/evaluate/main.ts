// npm run evaluate: the LFW protocol on the built library in headless Chromium, and on its peers.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { probabilityAt } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { Calibration } from '../../lib/core/types.ts';
import { type FoldedPair, fitCalibration, type LabelledPair } from '../../lib/evaluation/index.ts';
import { type BrowserSession, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { type Distance, heldOutCalibration, impostorPairs } from '../kit/lfw/calibration.ts';
import { embedImages, type ImageResult } from '../kit/lfw/embed-images.ts';
import { faceNet, type Protocol } from '../kit/lfw/facenet.ts';
import { choosePairs, photoPathsOf, readPairs, requirePhotos } from '../kit/lfw/pairs.ts';
import { type Peer, peers } from '../kit/lfw/peers.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { type ComparedPair, comparePairs, hasDistance, summarise } from '../kit/lfw/summary.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { writeCurves } from './curves.ts';
import { type PeerReport, type Report, table } from './report.ts';

const usage = `usage: npm run evaluate -- --data DIR [--protocol detector|centre] [--preset NAME] [--folds 1-4] [--limit N]
       [--detector NAME] [--embedder MANIFEST] [--peers] [--json FILE] [--calibrate] [--curves]

DIR          has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--protocol   centre: a fixed crop of each image instead of a detected face
--limit      uses the first N pairs of each fold only
--detector   replaces the preset's detector
--embedder   replaces the preset's embedder; the manifest that "npm run models:add" wrote
--peers      evaluates face-api and Human on the same images
--json       writes the figures and all scores to a file
--calibrate  fits the calibration and writes it into scripts/prepare/calibrations.json, or into the embedder's manifest
--curves     writes the accept rates at each distance into demo/views/lab/accuracy.json, for the demo`;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const options = readOptions();
  const { data, recipe, pairs } = options;
  const paths = photoPathsOf(pairs);
  requirePhotos(data, paths);
  buildLibrary();
  const chosenPeers = options.peers ? peers() : [];
  const folders: Record<string, string> = Object.assign(
    { '/photos': join(data, 'images'), ...(recipe.folder && { '/own': recipe.folder }) },
    ...chosenPeers.map((peer) => peer.folders),
  );
  const addresses = new Map(paths.map((path) => [path, `/photos/${path}`]));
  await withBrowser({ folders }, async (session) => {
    const system = faceNet(session.server.url, recipe, options.protocol, options.detector);
    const results = await embedImages(session, system, addresses);
    const evaluation = evaluate(options, results);
    for (const peer of chosenPeers) {
      evaluation.report.peers[peer.name] = await evaluatePeer(session, peer, { pairs, addresses });
    }
    write(options, evaluation);
  });
  return undefined;
}

/** The options of the command line, checked. */
interface Options {
  data: string;
  protocol: Protocol;
  recipe: Recipe;
  pairs: LabelledPair[];
  detector: string | undefined;
  peers: boolean;
  json: string | undefined;
  calibrate: boolean;
  curves: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      protocol: { type: 'string', default: 'detector' },
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
  const { protocol, detector, json, peers, calibrate, curves } = values;
  if (!values.data || (protocol !== 'detector' && protocol !== 'centre')) throw new Error(usage);
  const data = userPath(values.data);
  const pairs = choosePairs(readPairs(data), values.folds, values.limit);
  const recipe = chooseRecipe(values.preset, values.embedder && userPath(values.embedder));
  return { data, protocol, recipe, pairs, detector, peers, json, calibrate, curves };
}

/** The report, and the pairs that it was computed from. */
interface Evaluation {
  report: Report;
  scored: (ComparedPair & FoldedPair)[];
  results: ReadonlyMap<string, ImageResult>;
}

function evaluate({ pairs, protocol, recipe }: Options, results: ReadonlyMap<string, ImageResult>): Evaluation {
  const distance: Distance = distances[recipe.metric];
  const compared = compareImages(pairs, results, distance as never);
  const scored = compared.filter(hasDistance);
  const poorest = poorestTenth(compared, results);
  const report: Report = {
    preset: recipe.name,
    protocol,
    pairs: pairs.length,
    images: results.size,
    undetected: protocol === 'centre' ? 0 : countUndetected(results),
    ...summarise(compared),
    ...heldOutCalibration(scored, results, distance),
    ...(poorest && { withoutPoorest: summarise(compared.filter((pair) => !poorest.has(pair))) }),
    msPerImage: median([...results.values()].map(({ milliseconds }) => milliseconds)),
    peers: {},
  };
  return { report, scored, results };
}

async function evaluatePeer(
  session: BrowserSession,
  peer: Peer,
  { pairs, addresses }: { pairs: readonly LabelledPair[]; addresses: ReadonlyMap<string, string> },
): Promise<PeerReport> {
  const results = await embedImages(session, peer, addresses);
  const compared = compareImages(pairs, results, peer.distance);
  const detected = compared.filter(hasDistance);
  const correct = detected.filter(({ distance, same }) => distance <= peer.threshold === same).length;
  return {
    ...summarise(compared),
    undetected: countUndetected(results),
    withoutUndetected: summarise(detected),
    ownThreshold: correct / detected.length,
  };
}

function write(options: Options, { report, scored, results }: Evaluation): void {
  const { recipe } = options;
  process.stdout.write(table(report));
  if (options.json) {
    const { calibration } = recipe;
    const probability = (distance: number) => (calibration ? probabilityAt(distance, calibration) : null);
    const scores = scored.map((pair) => ({ ...pair, probability: probability(pair.distance) }));
    writeFileSync(userPath(options.json), JSON.stringify({ ...report, scores }));
  }
  if (!options.calibrate && !options.curves) return;
  const pairs = [...scored.filter(({ same }) => same), ...impostorPairs(results, distances[recipe.metric])];
  if (options.calibrate) writeCalibration(recipe, fitCalibration(pairs));
  if (options.curves) writeCurves(repositoryPath('demo/views/lab/accuracy.json'), report, pairs);
}

function compareImages(
  pairs: readonly LabelledPair[],
  results: ReadonlyMap<string, ImageResult>,
  distance: (a: number[], b: number[]) => number,
): ComparedPair[] {
  return comparePairs(pairs, { get: (path) => results.get(path)?.embedding }, distance);
}

function countUndetected(results: ReadonlyMap<string, ImageResult>): number {
  return [...results.values()].filter(({ detected }) => !detected).length;
}

/** The tenth of the pairs whose poorer face has the lowest quality; undefined if the system measures none. */
function poorestTenth(
  pairs: readonly ComparedPair[],
  results: ReadonlyMap<string, ImageResult>,
): Set<ComparedPair> | undefined {
  if (![...results.values()].some(({ quality }) => quality)) return undefined;
  const qualityOf = ({ a, b }: ComparedPair) =>
    Math.min(...[a, b].map((path) => results.get(path)?.quality?.overall ?? 0));
  return new Set([...pairs].sort((x, y) => qualityOf(x) - qualityOf(y)).slice(0, pairs.length / 10));
}

/** Writes a calibration into scripts/prepare/calibrations.json, or into the manifest of the other embedder. */
function writeCalibration({ name, manifest }: Recipe, { logOdds, thresholds }: Calibration): void {
  const rounded = (value: number) => Number(value.toPrecision(4));
  const calibration = {
    logOdds: logOdds.map(rounded),
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: rounded(distance) })),
  };
  const file = manifest ?? repositoryPath('scripts/prepare/calibrations.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest) content.models.find((model: { name: string }) => model.name === name).calibration = calibration;
  else content[name] = calibration;
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  const next = manifest ? '' : ' Run "npm run models" to update the manifest.';
  process.stderr.write(`The calibration was written into ${file}.${next}\n`);
}
