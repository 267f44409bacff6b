// npm run evaluate: the LFW protocol, on LFW and other data sets, on the built library in headless Chromium, and on its peers.
import { writeFileSync } from 'node:fs';
import { probabilityAt } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { Calibration, QualityReference } from '../../lib/core/types.ts';
import { fitCalibration, type ScoredPair } from '../../lib/evaluation/index.ts';
import { type BrowserSession, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import type { Dataset } from '../kit/datasets/dataset.ts';
import { imageUrl, serveImages } from '../kit/datasets/serve.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import { impostorPairs, listedImpostors } from '../kit/lfw/calibration.ts';
import { embedDegradedPhotos } from '../kit/lfw/degraded-photos.ts';
import { embedImages, type System } from '../kit/lfw/embed-images.ts';
import { centreFrame, faceNet, wholeFrame } from '../kit/lfw/facenet.ts';
import { peers } from '../kit/lfw/peers.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { qualityReference, writeCalibration } from './calibrations.ts';
import { presetCurves, writeCurves } from './curves.ts';
import {
  collectFaces,
  type DegradedFaces,
  fitPoorPhotos,
  halvesOf,
  heldOutDegraded,
  heldOutParts,
  leftOutDegraded,
} from './degraded.ts';
import { writeDocuments } from './documents.ts';
import { type Evaluation, peerReport, presetReport, type Results } from './figures.ts';
import { allGenuine, heldOutGenuine, listedGenuine } from './genuine.ts';
import { mixedKinds } from './mixed-kinds.ts';
import { defaultPreset, type Options, readOptions, type Subject, usage } from './options.ts';
import { type Report, reportText } from './report.ts';

runCommand(usage, main);

/** A preset that was evaluated, with its report, its scores, the measure of its quality, and the faces of degraded photos. */
type EvaluatedSubject = Subject &
  Evaluation & { quality: QualityReference | undefined; degraded: DegradedFaces | undefined };

async function main(): Promise<undefined> {
  const options = readOptions();
  const { dataset, pairs, subjects } = options;
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  dataset.requireImages(paths);
  buildLibrary();
  const chosenPeers = options.peers ? peers() : [];
  const own = subjects[0]?.recipe.folder;
  const folders: Record<string, string> = Object.assign(
    { ...(own && { '/own': own }), ...options.replaced.models?.folders },
    ...chosenPeers.map((peer) => peer.folders),
  );
  const addresses = new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`]));
  await withBrowser({ folders, handlers: { '/photos': serveImages(dataset.images) } }, async (session) => {
    const embed = (system: System) => embedImages(session, system, addresses);
    const evaluated: EvaluatedSubject[] = [];
    for (const subject of subjects) {
      const results = await embed(systemOf(subject, session, options));
      const measured = presetReport(subject, { pairs, hasPeople: dataset.hasPeople }, results);
      const degraded = await degradedFaces(subject, session, options, { addresses, results });
      if (degraded) reportPoorPhotos({ ...subject, ...measured }, results, degraded);
      evaluated.push({ ...subject, ...measured, quality: qualityReference(measured.scored, results), degraded });
    }
    const peerReports: Report['peers'] = [];
    for (const peer of chosenPeers) {
      peerReports.push(peerReport(peer, { pairs, hasPeople: dataset.hasPeople }, await embed(peer)));
    }
    const presets = evaluated.map(({ report }) => report);
    const counts = { pairs: pairs.length, images: paths.length };
    write(options, evaluated, { dataset: dataset.name, ...counts, presets, peers: peerReports });
  });
  return undefined;
}

/** Adds the figures of poor photos to a report, by calibrations that are fitted to other people. */
function reportPoorPhotos(subject: Subject & Evaluation, results: Results, degraded: DegradedFaces): void {
  const { recipe, report, scored, embeddings } = subject;
  const distance = distances[recipe.metric];
  const halves = halvesOf([...embeddings.keys()].map(personOf), (people) => {
    const isOf = (path: string) => people.has(personOf(path));
    const own = new Map([...embeddings].filter(([path]) => isOf(path)));
    const pairs = scored.filter(({ a, b }) => isOf(a) && isOf(b));
    return fitCalibration(curvePairs({ recipe, scored: pairs, embeddings: own }, { hasPeople: true }));
  });
  const parts = heldOutParts(degraded, halves, distance);
  report.degraded = heldOutDegraded(parts, distance);
  report.mixed = mixedKinds(parts, distance);
  report.genuine = {
    listed: heldOutGenuine(listedGenuine(scored, results), parts, distance),
    all: heldOutGenuine(allGenuine(results), parts, distance),
  };
  if (recipe.name === defaultPreset) report.leftOut = leftOutDegraded(degraded, halves, distance);
}

function systemOf({ recipe, protocol }: Subject, { server }: BrowserSession, { dataset, replaced }: Options): System {
  return faceNet(server.url, recipe, protocol, replaced, dataset.frame === 'lfw' ? centreFrame : wholeFrame);
}

/** The faces of degraded photos, which calibrations are fitted to; undefined if the options need none, or people are unknown. */
async function degradedFaces(
  { recipe, protocol }: Subject,
  session: BrowserSession,
  { dataset, calibrate, write: writes }: Options,
  { addresses, results }: { addresses: ReadonlyMap<string, string>; results: Results },
): Promise<DegradedFaces | undefined> {
  if (!(calibrate || writes) || protocol !== 'detector' || !dataset.hasPeople) return undefined;
  return collectFaces(results, await embedDegradedPhotos(session, recipe, addresses));
}

function write(options: Options, evaluated: readonly EvaluatedSubject[], report: Report): void {
  process.stdout.write(reportText(report));
  if (options.json) {
    const presets = evaluated.map((subject) => ({ ...subject.report, scores: scoresOf(subject) }));
    writeFileSync(userPath(options.json), JSON.stringify({ ...report, presets }));
  }
  if (options.calibrate) {
    for (const subject of evaluated) writeCalibration(subject.recipe, calibrationOf(subject, options.dataset));
  }
  if (!options.write) return;
  writeDocuments(report);
  const detected = evaluated.filter(({ protocol }) => protocol === 'detector');
  const curves = detected.map(
    (subject) =>
      [subject.recipe.name, presetCurves(report, subject.report, curvePairs(subject, options.dataset))] as const,
  );
  writeCurves(repositoryPath('demo/views/lab/accuracy.json'), Object.fromEntries(curves), report.peers);
}

/** Fits the calibration of clear photos and, if the quality of faces is measured, that of poor ones. */
function calibrationOf(subject: EvaluatedSubject, dataset: Dataset): Calibration {
  const { quality, degraded, recipe } = subject;
  const plain = fitCalibration(curvePairs(subject, dataset));
  if (!quality) return plain;
  const hasDefaultRate = (plain.thresholds.at(-1)?.far ?? 1) <= 1e-3;
  if (!degraded || !hasDefaultRate) return { ...plain, quality };
  const { strangers, conditional } = fitPoorPhotos(degraded, { plain, distance: distances[recipe.metric] });
  return { ...plain, quality: { ...quality, strangers }, conditional };
}

/** The listed pairs with their distances and stated probabilities. */
function scoresOf({ scored, recipe: { calibration } }: EvaluatedSubject) {
  return scored.map((pair) => ({
    ...pair,
    probability: calibration ? probabilityAt(pair.distance, calibration) : null,
  }));
}

/** The listed genuine pairs, and the impostor pairs that the images form. */
function curvePairs(
  { scored, embeddings, recipe }: Pick<EvaluatedSubject, 'scored' | 'embeddings' | 'recipe'>,
  { hasPeople }: Pick<Dataset, 'hasPeople'>,
): ScoredPair[] {
  const impostors = hasPeople ? impostorPairs(embeddings, distances[recipe.metric]) : listedImpostors(scored);
  return [...scored.filter(({ same }) => same), ...impostors];
}
