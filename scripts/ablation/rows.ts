import { cosineDistance } from '../../lib/comparison/distance.ts';
import { allPairsValidation, bestThreshold, type LabelledPair } from '../../lib/evaluation/index.ts';
import {
  type AllPairsSummary,
  allPairsRates,
  photoSet,
  summariseAllPairs,
  summariseHeldOutPairs,
} from '../kit/lfw/all-pairs.ts';
import { type ComparedPair, comparePairs, hasDistance, type Summary, summarise } from '../kit/lfw/summary.ts';
import { mean } from '../kit/statistics.ts';
import type { VariantEmbeddings } from './page.ts';
import { cropVariants, variants } from './variants.ts';

/** A row of the table. */
export interface Row extends Pick<Summary, 'accuracy'> {
  name: string;
  allPairs: AllPairsSummary;
}

/** The embeddings of a photo by all variants, as vectors. */
type Vectors = readonly Float32Array[];

/** The distance of two photos. */
type Distance = (a: Vectors, b: Vectors) => number;

/** A distance to choose from, with its name. */
type Candidate = readonly [name: string, distance: Distance];

/** Computes the rows from the embeddings of the photos. */
export function rowsOf(pairs: readonly LabelledPair[], results: ReadonlyMap<string, VariantEmbeddings>): Row[] {
  const vectors = new Map(
    [...results].map(([path, embeddings]) => [path, embeddings?.map((values) => Float32Array.from(values))]),
  );
  const study = new Study(pairs, vectors);
  const [balanced, dlib] = [indexOf('reference'), indexOf('dlib-resnet-34, crop')];
  const [twoZooms, dlibTwoZooms] = [indexOf('two zooms, 1 and 1.08'), indexOf('dlib-resnet-34, two zooms')];
  return [
    ...variants.map(({ name }, i) => study.measure(name, by(i))),
    study.measureChosen(
      'the best crop of the other folds',
      cropVariants.map(({ name }, i) => [name, by(i)]),
    ),
    study.measureChosen('fusion with dlib-resnet-34, weight of the other folds', fusions(balanced, dlib)),
    study.measureChosen('the same with two zooms each', fusions(twoZooms, dlibTwoZooms)),
  ];
}

function indexOf(start: string): number {
  return variants.findIndex(({ name }) => name.startsWith(start));
}

/** The distance by a variant. */
function by(index: number): Distance {
  return (a, b) => cosineDistance(a[index] as Float32Array, b[index] as Float32Array);
}

/** The fusions of two variants, by the weight of the first. */
function fusions(first: number, second: number): Candidate[] {
  return [0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((weight) => [
    String(weight),
    (a, b) => weight * by(first)(a, b) + (1 - weight) * by(second)(a, b),
  ]);
}

/** The pairs and the photos of a data set. */
class Study {
  readonly #labelled: readonly LabelledPair[];
  readonly #vectors: ReadonlyMap<string, Vectors | undefined>;
  readonly #folds: readonly number[];

  constructor(pairs: readonly LabelledPair[], vectors: ReadonlyMap<string, Vectors | undefined>) {
    this.#labelled = pairs;
    this.#vectors = vectors;
    this.#folds = [...new Set(pairs.map(({ fold }) => fold))];
  }

  /** The row of a distance that was not fitted. */
  measure(name: string, distance: Distance): Row {
    const pairs = this.#compare(distance);
    return { name, accuracy: summarise(pairs).accuracy, allPairs: summariseAllPairs(pairs, this.#vectors, distance) };
  }

  /** The row of a choice: each fold has the candidate that is best on the other folds. */
  measureChosen(name: string, candidates: readonly Candidate[]): Row {
    const compared = candidates.map(([, distance]) => this.#compare(distance));
    const chosen = new Map(this.#folds.map((fold) => [fold, this.#best(fold, candidates, compared)]));
    const distanceOf = (fold: number) => (candidates[chosen.get(fold) as number] as Candidate)[1];
    const pairs = this.#folds.flatMap((fold) => heldOut(fold, compared[chosen.get(fold) as number] as ComparedPair[]));
    const names = this.#folds.map((fold) => candidates[chosen.get(fold) as number]?.[0]);
    return {
      name: `${name}: ${[...new Set(names)].join(', ')}`,
      accuracy: summarise(pairs).accuracy,
      allPairs: summariseHeldOutPairs(pairs, this.#vectors, distanceOf),
    };
  }

  #compare(distance: Distance): ComparedPair[] {
    return comparePairs(this.#labelled, this.#vectors, distance);
  }

  /** The index of the candidate with the highest mean of the rates of {@link validationRates} on the other folds. */
  #best(fold: number, candidates: readonly Candidate[], compared: readonly ComparedPair[][]): number {
    const rated = candidates.map(([, distance], i) => {
      const others = (compared[i] as ComparedPair[]).filter((pair) => pair.fold !== fold);
      return mean(validationRates(others, this.#vectors, distance));
    });
    // With few pairs the rates are NaN: then it is the first.
    return Math.max(0, rated.indexOf(Math.max(...rated)));
  }
}

/** The pairs of a fold, with distances divided by the best threshold of the other folds: distances of different kinds get one scale. */
function heldOut(fold: number, pairs: readonly ComparedPair[]): ComparedPair[] {
  const threshold = bestThreshold(pairs.filter(hasDistance).filter((pair) => pair.fold !== fold));
  return pairs
    .filter((pair) => pair.fold === fold)
    .map((pair) => ({ ...pair, distance: pair.distance === null ? null : pair.distance / threshold }));
}

/** VAL at the false-accept rates of the table, among all impostor pairs of the photos of some pairs. */
function validationRates(
  pairs: readonly ComparedPair[],
  vectors: ReadonlyMap<string, Vectors | undefined>,
  distance: Distance,
): number[] {
  const own = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((path) => [path, vectors.get(path)]));
  const set = photoSet(pairs, own, distance);
  return allPairsValidation([set], allPairsRates.map(Number), 1).map(({ validationRate }) => validationRate);
}
