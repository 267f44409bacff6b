import { probabilityAt, thresholdFor } from '../../../lib/comparison/calibration.ts';
import type { Calibration } from '../../../lib/core/types.ts';
import {
  allPairsFalseAcceptRate,
  countAccepts,
  expectedCalibrationError,
  type FoldedPair,
  falseAcceptRate,
  fitCalibration,
  type ScoredPair,
} from '../../../lib/evaluation/index.ts';
import { mean } from '../statistics.ts';
import { type EmbeddingsByPath, labelledFaces } from './all-pairs.ts';
import type { ComparedPair } from './summary.ts';

/** The distance of two embeddings. */
export type Distance = (a: Float32Array, b: Float32Array) => number;

/** A rate with its 95 % interval. */
export type Rate = ReturnType<typeof allPairsFalseAcceptRate>;

/** The false-accept rates that a calibration is checked at. */
const checkedRates = ['1e-2', '1e-3'] as const;
type CheckedRate = (typeof checkedRates)[number];

/** How well a calibration holds on people that it was not fitted to. */
export interface HeldOutCalibration {
  /** The expected calibration error, 0 to 1. */
  ece: number;
  /** The false-accept rate reached at the threshold for each rate: over the protocol's pairs, the mean of the folds. */
  realisedFar: Record<CheckedRate, number>;
  /** The same over all impostor pairs of each fold's images; undefined if the people are not known. */
  realisedFarAmongAll: Record<CheckedRate, Rate> | undefined;
}

/** A fold, with a calibration that was fitted to the other folds. */
interface HeldOutFold {
  held: (ComparedPair & FoldedPair)[];
  calibration: Calibration;
}

/**
 * Calibrates each fold on the pairs of the other folds, and measures the calibration on the fold.
 *
 * @param embeddings by image path; undefined if the people in the images are not known. Then only the listed impostor
 *   pairs are used.
 */
export function heldOutCalibration(
  pairs: readonly (ComparedPair & FoldedPair)[],
  embeddings: EmbeddingsByPath<Float32Array> | undefined,
  distance: Distance,
): HeldOutCalibration {
  const numbers = [...new Set(pairs.map(({ fold }) => fold))];
  const folds = numbers.map((fold): HeldOutFold => {
    const held = pairs.filter((pair) => pair.fold === fold);
    const others = numbers.length > 1 ? pairs.filter((pair) => pair.fold !== fold) : held;
    const genuine = others.filter(({ same }) => same);
    const impostors = embeddings ? impostorPairs(within(others, embeddings), distance) : listedImpostors(others);
    return { held, calibration: fitCalibration([...genuine, ...impostors]) };
  });
  const predictions = folds.flatMap(({ held, calibration }) =>
    held.map(({ distance: d, same }) => ({ probability: probabilityAt(d, calibration), same })),
  );
  const perRate = <T>(measure: (far: number) => T) => ({ '1e-2': measure(1e-2), '1e-3': measure(1e-3) });
  return {
    ece: expectedCalibrationError(predictions),
    realisedFar: perRate((far) => realisedAmongListed(far, folds)),
    realisedFarAmongAll: embeddings && perRate((far) => realisedAmongAll(far, folds, embeddings, distance)),
  };
}

/** The threshold of a calibration; undefined below the lowest false-accept rate that it has a threshold for. */
function fittedThreshold(far: number, calibration: Calibration): number | undefined {
  return far < (calibration.thresholds.at(-1)?.far ?? 1) ? undefined : thresholdFor(far, calibration);
}

function realisedAmongListed(far: number, folds: readonly HeldOutFold[]): number {
  const rates = folds.flatMap(({ held, calibration }) => {
    const threshold = fittedThreshold(far, calibration);
    return threshold === undefined ? [] : [falseAcceptRate(countAccepts(held, threshold))];
  });
  return mean(rates);
}

function realisedAmongAll(
  far: number,
  folds: readonly HeldOutFold[],
  embeddings: EmbeddingsByPath<Float32Array>,
  distance: Distance,
): Rate {
  return allPairsFalseAcceptRate(
    folds.flatMap(({ held, calibration }) => {
      const threshold = fittedThreshold(far, calibration);
      return threshold === undefined ? [] : [{ faces: labelledFaces(within(held, embeddings)), distance, threshold }];
    }),
  );
}

/** The embeddings of the photos of some pairs. */
function within(
  pairs: readonly ComparedPair[],
  embeddings: EmbeddingsByPath<Float32Array>,
): EmbeddingsByPath<Float32Array> {
  return new Map(pairs.flatMap(({ a, b }) => [a, b]).map((path) => [path, embeddings.get(path)]));
}

/** The impostor pairs among some pairs: all that is known where the people in the images are not. */
export function listedImpostors(pairs: readonly (ComparedPair & FoldedPair)[]): ScoredPair[] {
  return pairs.filter(({ same }) => !same);
}

/** The maximum number of impostor pairs: enough to measure a false-accept rate of 10⁻⁵. */
const maxImpostorPairs = 2_000_000;

/**
 * Every impostor pair, or an even sample of {@link maxImpostorPairs}. A protocol lists too few impostor pairs
 * to measure a low false-accept rate.
 */
export function impostorPairs(
  embeddings: EmbeddingsByPath<Float32Array>,
  distance: Distance,
  maxPairs = maxImpostorPairs,
): ScoredPair[] {
  const faces = labelledFaces(embeddings);
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
