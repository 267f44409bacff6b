import { distances } from '../../lib/comparison/distance.ts';
import type { FoldedPair } from '../../lib/evaluation/index.ts';
import type { Dataset, ImagePair } from '../kit/datasets/dataset.ts';
import { type EmbeddingsByPath, summariseAllPairs } from '../kit/lfw/all-pairs.ts';
import { type Distance, heldOutCalibration } from '../kit/lfw/calibration.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import type { Peer } from '../kit/lfw/peers.ts';
import { type ComparedPair, comparePaths, hasDistance, summarise } from '../kit/lfw/summary.ts';
import { median } from '../kit/statistics.ts';
import type { Subject } from './options.ts';
import type { PeerReport, PresetReport, SystemFigures } from './report.ts';

/** The results of a system by image path. */
export type Results = ReadonlyMap<string, ImageResult>;

/** The images and pairs that all systems are measured on. */
export interface Protocol {
  pairs: readonly ImagePair[];
  hasPeople: Dataset['hasPeople'];
}

/** The report of a preset, and what it was computed from. */
export interface Evaluation {
  report: PresetReport;
  scored: (ComparedPair & FoldedPair)[];
  embeddings: EmbeddingsByPath<Float32Array>;
}

/** Computes the figures of a preset. */
export function presetReport(
  { recipe, protocol }: Subject,
  { pairs, hasPeople }: Protocol,
  results: Results,
): Evaluation {
  const distance: Distance = distances[recipe.metric];
  const embeddings = embeddingsOf(results);
  const compared = comparePaths(pairs, embeddings, distance);
  const scored = compared.filter(hasDistance);
  const people = hasPeople ? embeddings : undefined;
  const poorest = poorestTenth(compared, results);
  const report: PresetReport = {
    name: recipe.name,
    protocol,
    undetected: protocol !== 'detector' ? 0 : countUndetected(results),
    ...systemFigures(compared, people, distance),
    ...heldOutCalibration(scored, people, distance),
    ...(poorest && { withoutPoorest: summarise(compared.filter((pair) => !poorest.has(pair))) }),
    msPerImage: median([...results.values()].map(({ milliseconds }) => milliseconds)),
  };
  return { report, scored, embeddings };
}

/** Computes the figures of a peer. */
export function peerReport(
  { name, distance, threshold }: Pick<Peer, 'name' | 'distance' | 'threshold'>,
  { pairs, hasPeople }: Protocol,
  results: Results,
): PeerReport {
  const embeddings = embeddingsOf(results);
  const people = hasPeople ? embeddings : undefined;
  const compared = comparePaths(pairs, embeddings, distance);
  const detected = compared.filter(hasDistance);
  const correct = detected.filter((pair) => pair.distance <= threshold === pair.same).length;
  const figures = systemFigures(compared, people, distance);
  const isComplete = detected.length === compared.length;
  return {
    name,
    ...figures,
    undetected: countUndetected(results),
    withoutUndetected: isComplete ? figures : systemFigures(detected, people, distance),
    ownThreshold: correct / detected.length,
  };
}

function systemFigures(
  pairs: readonly ComparedPair[],
  people: EmbeddingsByPath<Float32Array> | undefined,
  distance: Distance,
): SystemFigures {
  return { ...summarise(pairs), allPairs: people && summariseAllPairs(pairs, people, distance) };
}

function embeddingsOf(results: Results): Map<string, Float32Array | null> {
  return new Map([...results].map(([path, { embedding }]) => [path, embedding && Float32Array.from(embedding)]));
}

function countUndetected(results: Results): number {
  return [...results.values()].filter(({ detected }) => !detected).length;
}

/** The tenth of the pairs whose poorer face has the lowest quality; undefined if the system measures none. */
function poorestTenth(pairs: readonly ComparedPair[], results: Results): Set<ComparedPair> | undefined {
  if (![...results.values()].some(({ quality }) => quality)) return undefined;
  const qualityOf = ({ a, b }: ComparedPair) =>
    Math.min(...[a, b].map((path) => results.get(path)?.quality?.overall ?? 0));
  return new Set([...pairs].sort((x, y) => qualityOf(x) - qualityOf(y)).slice(0, pairs.length / 10));
}
