import { probabilityAt, thresholdFor } from '../../../lib/comparison/calibration.ts';
import type { Calibration } from '../../../lib/core/types.ts';
import {
  countAccepts,
  expectedCalibrationError,
  type FoldedPair,
  falseAcceptRate,
  fitCalibration,
  type ScoredPair,
} from '../../../lib/evaluation/index.ts';
import { mean } from '../statistics.ts';
import type { ImageResult } from './embed-images.ts';
import type { ComparedPair } from './summary.ts';

/** The distance of two embeddings. */
export type Distance = (a: Float32Array, b: Float32Array) => number;

/** A rate with its 95 % confidence interval. (Wilson 1927) */
export interface Rate {
  rate: number;
  low: number;
  high: number;
}

/** The false-accept rates that a calibration is checked at. */
const checkedRates = ['1e-2', '1e-3'] as const;
type CheckedRate = (typeof checkedRates)[number];

/** How well a calibration holds on people that it was not fitted to. */
export interface HeldOutCalibration {
  /** The expected calibration error, 0 to 1. */
  ece: number;
  /** The false-accept rate reached at the threshold for each rate: over the protocol's pairs, the mean of the folds. */
  realisedFar: Record<CheckedRate, number>;
  /** The same over all impostor pairs of each fold's images. */
  realisedFarAmongAll: Record<CheckedRate, Rate>;
}

/**
 * Calibrates each fold on the pairs of the other folds, and measures the calibration on the fold.
 *
 * @param impostorsOf the impostor pairs of a fold; default: every pair of images of different people.
 */
export function heldOutCalibration(
  pairs: readonly (ComparedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
  distance: Distance,
  impostorsOf = impostorsOfImages(results, distance),
): HeldOutCalibration {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const predictions: { probability: number; same: boolean }[] = [];
  const perFold: Record<CheckedRate, number[]> = { '1e-2': [], '1e-3': [] };
  const total = { '1e-2': { accepts: 0, pairs: 0 }, '1e-3': { accepts: 0, pairs: 0 } };
  for (const fold of folds) {
    const held = pairs.filter((pair) => pair.fold === fold);
    const others = folds.length > 1 ? pairs.filter((pair) => pair.fold !== fold) : held;
    const genuine = others.filter(({ same }) => same);
    const fitted = fitCalibration([...genuine, ...impostorsOf(others)]);
    const impostors = impostorsOf(held);
    predictions.push(...held.map(({ distance: d, same }) => ({ probability: probabilityAt(d, fitted), same })));
    for (const far of checkedRates) {
      if (Number(far) < lowestRate(fitted)) continue;
      const threshold = thresholdFor(Number(far), fitted);
      perFold[far].push(falseAcceptRate(countAccepts(held, threshold)));
      total[far].accepts += countAccepts(impostors, threshold).falseAccepts;
      total[far].pairs += impostors.length;
    }
  }
  return {
    ece: expectedCalibrationError(predictions),
    realisedFar: { '1e-2': mean(perFold['1e-2']), '1e-3': mean(perFold['1e-3']) },
    realisedFarAmongAll: { '1e-2': rateOf(total['1e-2']), '1e-3': rateOf(total['1e-3']) },
  };
}

/** The lowest false-accept rate that a calibration has a threshold for. */
function lowestRate({ thresholds }: Calibration): number {
  return thresholds.at(-1)?.far ?? 1;
}

function impostorsOfImages(results: ReadonlyMap<string, ImageResult>, distance: Distance) {
  return (pairs: readonly (ComparedPair & FoldedPair)[]): ScoredPair[] =>
    impostorPairs(resultsOf(pairs, results), distance);
}

/** The impostor pairs among some pairs: all that is known where the people in the images are not. */
export function listedImpostors(pairs: readonly (ComparedPair & FoldedPair)[]): ScoredPair[] {
  return pairs.filter(({ same }) => !same);
}

function resultsOf(
  pairs: readonly ComparedPair[],
  results: ReadonlyMap<string, ImageResult>,
): ReadonlyMap<string, ImageResult> {
  const photos = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  return new Map([...results].filter(([path]) => photos.has(path)));
}

function rateOf({ accepts, pairs }: { accepts: number; pairs: number }): Rate {
  const z = 1.96;
  const rate = accepts / pairs;
  const centre = rate + (z * z) / (2 * pairs);
  const spread = z * Math.sqrt((rate * (1 - rate)) / pairs + (z * z) / (4 * pairs * pairs));
  const scale = 1 + (z * z) / pairs;
  return { rate, low: Math.max(0, (centre - spread) / scale), high: (centre + spread) / scale };
}

/** The maximum number of impostor pairs: enough to measure a false-accept rate of 10⁻⁵. */
const maxImpostorPairs = 2_000_000;

/**
 * Every impostor pair, or an even sample of {@link maxImpostorPairs}. A protocol lists too few impostor pairs
 * to measure a low false-accept rate.
 *
 * @param results by image path; the folder is the person's name.
 */
export function impostorPairs(
  results: ReadonlyMap<string, { embedding: ArrayLike<number> | null }>,
  distance: Distance,
  maxPairs = maxImpostorPairs,
): ScoredPair[] {
  const faces = [...results].flatMap(([path, { embedding }]) =>
    embedding ? [{ person: path.split('/')[0], embedding: Float32Array.from(embedding) }] : [],
  );
  const step = Math.max(1, Math.ceil((faces.length * (faces.length - 1)) / 2 / maxPairs));
  const pairs: ScoredPair[] = [];
  let next = 0;
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const b = faces[j] as typeof a;
      if (next++ % step !== 0 || a.person === b.person) continue;
      pairs.push({ same: false, distance: distance(a.embedding, b.embedding) });
    }
  });
  return pairs;
}
