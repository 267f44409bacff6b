import { probabilityAt, thresholdFor } from '../../../lib/comparison/calibration.ts';
import {
  countAccepts,
  expectedCalibrationError,
  type FoldedPair,
  falseAcceptRate,
  fitCalibration,
  type ScoredPair,
} from '../../../lib/evaluation/index.ts';
import type { ImageResult } from './embeddings.ts';
import type { JudgedPair } from './summary.ts';

/** The distance of two embeddings. */
export type Distance = (a: Float32Array, b: Float32Array) => number;

/** How calibrated the library is towards people it was not fitted to: each fold by a calibration of the others. */
export function heldOutCalibration(
  pairs: readonly (JudgedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
  distance: Distance,
) {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const judged: { probability: number; same: boolean }[] = [];
  const accepted: Record<'1e-2' | '1e-3', number[]> = { '1e-2': [], '1e-3': [] };
  const among = { '1e-2': { accepts: 0, pairs: 0 }, '1e-3': { accepts: 0, pairs: 0 } };
  for (const fold of folds) {
    const held = pairs.filter((pair) => pair.fold === fold);
    const others = folds.length > 1 ? pairs.filter((pair) => pair.fold !== fold) : held;
    const strangersOf = (pairs: readonly JudgedPair[]) => {
      const photos = new Set(pairs.flatMap(({ a, b }) => [a, b]));
      return strangers(new Map([...results].filter(([path]) => photos.has(path))), distance);
    };
    const fitted = fitCalibration([...others.filter(({ same }) => same), ...strangersOf(others)]);
    const unseen = strangersOf(held);
    judged.push(...held.map(({ distance: d, same }) => ({ probability: probabilityAt(d, fitted), same })));
    for (const far of ['1e-2', '1e-3'] as const) {
      const reached = fitted.thresholds.at(-1)?.far ?? 1;
      if (Number(far) < reached) continue;
      const threshold = thresholdFor(Number(far), fitted);
      accepted[far].push(falseAcceptRate(countAccepts(held, threshold)));
      among[far].accepts += countAccepts(unseen, threshold).falseAccepts;
      among[far].pairs += unseen.length;
    }
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ece: expectedCalibrationError(judged),
    realisedFar: { '1e-2': mean(accepted['1e-2']), '1e-3': mean(accepted['1e-3']) },
    realisedFarAmongAll: { '1e-2': rateOf(among['1e-2']), '1e-3': rateOf(among['1e-3']) },
  };
}

/** A rate with its 95 % confidence interval. (Wilson 1927) */
export interface Rate {
  rate: number;
  low: number;
  high: number;
}

function rateOf({ accepts, pairs }: { accepts: number; pairs: number }): Rate {
  const z = 1.96;
  const rate = accepts / pairs;
  const centre = rate + (z * z) / (2 * pairs);
  const spread = z * Math.sqrt((rate * (1 - rate)) / pairs + (z * z) / (4 * pairs * pairs));
  const scale = 1 + (z * z) / pairs;
  return { rate, low: Math.max(0, (centre - spread) / scale), high: (centre + spread) / scale };
}

/** The most pairs of strangers that are compared: enough for a false-accept rate of one in a hundred thousand. */
const mostStrangers = 2_000_000;

/** Pairs of two people, made of all the images: many more than a protocol lists, since rare accepts need many chances. */
export function strangers(results: ReadonlyMap<string, ImageResult>, distance: Distance): ScoredPair[] {
  const faces = [...results].flatMap(([path, { embedding }]) =>
    embedding ? [{ person: path.split('/')[0], embedding: Float32Array.from(embedding) }] : [],
  );
  const step = Math.max(1, Math.ceil((faces.length * (faces.length - 1)) / 2 / mostStrangers));
  const pairs: ScoredPair[] = [];
  let next = 0;
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const b = faces[j] as typeof a;
      if (next++ % step !== 0 || a.person === b.person) continue;
      pairs.push({
        same: false,
        distance: distance(a.embedding, b.embedding),
      });
    }
  });
  return pairs;
}
