import { allPairsValidation, type Interval, type LabelledFace, type PhotoSet } from '../../../lib/evaluation/index.ts';
import type { ComparedPair } from './summary.ts';

/** The false-accept rates at which VAL among all impostor pairs is stated. */
export const allPairsRates = ['1e-3', '1e-4'] as const;

/** VAL with its 95 % interval, as fractions; NaN if there are too few impostor pairs for the rate. */
export interface AllPairsRate extends Interval {
  val: number;
  /** For each set of photos, the smallest distance that is rejected. */
  thresholds: number[];
}

/** VAL among all impostor pairs that the photos form, by false-accept rate. */
export interface AllPairsSummary {
  impostorPairs: number;
  val: Record<(typeof allPairsRates)[number], AllPairsRate>;
}

/** The embeddings by image path; the first folder is the person. Null or undefined if no face was found. */
export type EmbeddingsByPath<Embedding> = ReadonlyMap<string, Embedding | null | undefined>;

/**
 * VAL of the protocol's genuine pairs among all impostor pairs of the photos. For embeddings and a distance that were not
 * fitted to these people. A genuine pair without a face counts as rejected.
 *
 * @param distance called for every pair of photos: millions of times.
 */
export function summariseAllPairs<Embedding>(
  pairs: readonly Omit<ComparedPair, 'distance'>[],
  embeddings: EmbeddingsByPath<Embedding>,
  distance: (a: Embedding, b: Embedding) => number,
): AllPairsSummary {
  return summariseSets([photoSet(pairs, embeddings, distance)]);
}

/**
 * {@link summariseAllPairs} for a distance that is fitted to people, such as a fusion with fitted weights. Each fold is
 * measured with a threshold of its own, among the impostor pairs of its own photos.
 *
 * @param distanceOf returns the distance for the people of a fold, fitted to other folds only.
 */
export function summariseHeldOutPairs<Embedding>(
  pairs: readonly Omit<ComparedPair, 'distance'>[],
  embeddings: EmbeddingsByPath<Embedding>,
  distanceOf: (fold: number) => (a: Embedding, b: Embedding) => number,
): AllPairsSummary {
  const folds = [...new Set(pairs.map(({ fold }) => fold))].sort((a, b) => a - b);
  return summariseSets(
    folds.map((fold) => {
      const held = pairs.filter((pair) => pair.fold === fold);
      const paths = new Set(held.flatMap(({ a, b }) => [a, b]));
      const own = new Map([...embeddings].filter(([path]) => paths.has(path)));
      return photoSet(held, own, distanceOf(fold));
    }),
  );
}

/** The person in an image, from its path. */
export function personOf(path: string): string {
  return path.split('/')[0] as string;
}

/** The faces that were found, with their people. */
export function labelledFaces<Embedding>(embeddings: EmbeddingsByPath<Embedding>): LabelledFace<Embedding>[] {
  return [...embeddings].flatMap(([path, embedding]) =>
    embedding === null || embedding === undefined ? [] : [{ person: personOf(path), embedding }],
  );
}

/** The genuine pairs and the faces of photos, with a distance. A genuine pair without a face has the distance `Infinity`. */
function photoSet<Embedding>(
  pairs: readonly Omit<ComparedPair, 'distance'>[],
  embeddings: EmbeddingsByPath<Embedding>,
  distance: (a: Embedding, b: Embedding) => number,
): PhotoSet<Embedding> {
  const genuine = pairs
    .filter(({ same }) => same)
    .map(({ a, b }) => {
      const [x, y] = [embeddings.get(a), embeddings.get(b)];
      return { person: personOf(a), distance: x && y ? distance(x, y) : Number.POSITIVE_INFINITY };
    });
  return { faces: labelledFaces(embeddings), genuine, distance };
}

function summariseSets<Embedding>(sets: readonly PhotoSet<Embedding>[]): AllPairsSummary {
  const results = allPairsValidation(sets, allPairsRates.map(Number));
  const rate = (i: number): AllPairsRate => {
    const { validationRate: val, low, high, thresholds } = results[i] as (typeof results)[0];
    return { val, low, high, thresholds };
  };
  return { impostorPairs: results[0]?.impostorPairs ?? 0, val: { '1e-3': rate(0), '1e-4': rate(1) } };
}
