// npm run evaluate: the LFW protocol, on LFW and other data sets, on the built library in headless Chromium, and on its peers.
import { readFileSync, writeFileSync } from 'node:fs';
import { probabilityAt } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { Calibration } from '../../lib/core/types.ts';
import { type FoldedPair, fitCalibration } from '../../lib/evaluation/index.ts';
import { type BrowserSession, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import type { Dataset, ImagePair } from '../kit/datasets/dataset.ts';
import { imageUrl, serveDataset } from '../kit/datasets/serve.ts';
import { type Distance, heldOutCalibration, impostorPairs, listedImpostors } from '../kit/lfw/calibration.ts';
import { embedImages, type ImageResult, type System } from '../kit/lfw/embed-images.ts';
import { centreFrame, faceNet, wholeFrame } from '../kit/lfw/facenet.ts';
import { type Peer, peers } from '../kit/lfw/peers.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import { type ComparedPair, comparePaths, hasDistance, summarise } from '../kit/lfw/summary.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { writeCurves } from './curves.ts';
import { type Options, readOptions, usage } from './options.ts';
import { type PeerReport, type Report, table } from './report.ts';

runCommand(usage, main);

async function main(): Promise<undefined> {
  const options = readOptions();
  const { dataset, recipe, pairs } = options;
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  dataset.requireImages(paths);
  buildLibrary();
  const chosenPeers = options.peers ? peers() : [];
  const folders: Record<string, string> = Object.assign(
    { ...(recipe.folder && { '/own': recipe.folder }) },
    ...chosenPeers.map((peer) => peer.folders),
  );
  const addresses = new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`]));
  await withBrowser({ folders, handlers: { '/photos': serveDataset(dataset) } }, async (session) => {
    const frame = dataset.frame === 'lfw' ? centreFrame : wholeFrame;
    const system = faceNet(session.server.url, recipe, options.protocol, options.detector, frame);
    const results = await embedImages(session, cachedFor(dataset, system), addresses);
    const evaluation = evaluate(options, results);
    for (const peer of chosenPeers) {
      evaluation.report.peers[peer.name] = await evaluatePeer(session, cachedFor(dataset, peer), { pairs, addresses });
    }
    write(options, evaluation);
  });
  return undefined;
}

/** The system with a cache of its own for each data set, as keys of images repeat. */
function cachedFor<S extends System>({ identity }: Dataset, system: S): S {
  return identity === undefined ? system : { ...system, identity: [system.identity, identity] };
}

/** The report, and the pairs that it was computed from. */
interface Evaluation {
  report: Report;
  scored: (ComparedPair & FoldedPair)[];
  results: ReadonlyMap<string, ImageResult>;
}

function evaluate(
  { dataset, pairs, protocol, recipe }: Options,
  results: ReadonlyMap<string, ImageResult>,
): Evaluation {
  const distance: Distance = distances[recipe.metric];
  const compared = compareImages(pairs, results, distance as never);
  const scored = compared.filter(hasDistance);
  const poorest = poorestTenth(compared, results);
  const report: Report = {
    preset: recipe.name,
    protocol,
    pairs: pairs.length,
    images: results.size,
    undetected: protocol !== 'detector' ? 0 : countUndetected(results),
    ...summarise(compared),
    ...heldOutCalibration(scored, results, distance, dataset.hasPeople ? undefined : listedImpostors),
    ...(poorest && { withoutPoorest: summarise(compared.filter((pair) => !poorest.has(pair))) }),
    msPerImage: median([...results.values()].map(({ milliseconds }) => milliseconds)),
    peers: {},
  };
  return { report, scored, results };
}

async function evaluatePeer(
  session: BrowserSession,
  peer: Peer,
  { pairs, addresses }: { pairs: readonly ImagePair[]; addresses: ReadonlyMap<string, string> },
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
  const { dataset, recipe } = options;
  process.stdout.write(table(report));
  if (options.json) {
    const { calibration } = recipe;
    const probability = (distance: number) => (calibration ? probabilityAt(distance, calibration) : null);
    const scores = scored.map((pair) => ({ ...pair, probability: probability(pair.distance) }));
    writeFileSync(userPath(options.json), JSON.stringify({ ...report, scores }));
  }
  if (!options.calibrate && !options.curves) return;
  const impostors = dataset.hasPeople ? impostorPairs(results, distances[recipe.metric]) : listedImpostors(scored);
  const pairs = [...scored.filter(({ same }) => same), ...impostors];
  if (options.calibrate) writeCalibration(recipe, fitCalibration(pairs));
  if (options.curves) writeCurves(repositoryPath('demo/views/lab/accuracy.json'), report, pairs);
}

function compareImages(
  pairs: readonly ImagePair[],
  results: ReadonlyMap<string, ImageResult>,
  distance: (a: number[], b: number[]) => number,
): ComparedPair[] {
  return comparePaths(pairs, { get: (path) => results.get(path)?.embedding }, distance);
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
