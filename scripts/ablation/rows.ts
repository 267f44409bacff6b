import { cosineDistance } from '../../lib/comparison/distance.ts';
import { bestThreshold, type LabelledPair } from '../../lib/evaluation/index.ts';
import { type AllPairsSummary, summariseAllPairs, summariseHeldOutPairs } from '../kit/lfw/all-pairs.ts';
import { type ComparedPair, comparePairs, hasDistance, type Summary, summarise } from '../kit/lfw/summary.ts';
import type { VariantEmbeddings } from './page.ts';
import { cropVariants, type Variant, variants } from './variants.ts';

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
  const [reference, dlib, wide] = ['reference', 'dlib-resnet-34, crop', 'zoom 1.08'].map(indexOf) as [
    number,
    number,
    number,
  ];
  const zooms = [reference, ...variants.flatMap(({ name }, i) => (name.startsWith('zoom') ? [i] : []))];
  return [
    ...variants.map(({ name }, i) => study.measure(name, by(i))),
    study.measureChosen('the best crop of the other folds', cropVariants.map(named)),
    study.measureChosen(
      'the best zoom of the other folds',
      zooms.map((i) => named(variants[i] as Variant, i)),
    ),
    study.measureChosen('reference and dlib-resnet-34, the best weight of the other folds', fusions(reference, dlib)),
    study.measureChosen(
      'the same with the best zoom and weight of the other folds',
      zooms.flatMap((zoom) => fusions(zoom, dlib)),
    ),
    study.measure('`accurate`, zoom and weight chosen on these folds: 0.25 at zoom 1.08', fused(wide, dlib, 0.25)),
  ];
}

function indexOf(start: string): number {
  return variants.findIndex(({ name }) => name.startsWith(start));
}

/** The distance by a variant. */
function by(index: number): Distance {
  return (a, b) => cosineDistance(a[index] as Float32Array, b[index] as Float32Array);
}

function named({ name }: Variant, index: number): Candidate {
  return [name.replace(/:.*/, ''), by(index)];
}

/** The fusions of two variants, by the weight of the first. */
function fusions(first: number, second: number): Candidate[] {
  const zoom = variants[first]?.crops?.zooms?.[0] ?? 1;
  return [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6].map((weight) => [
    `${weight} at zoom ${zoom}`,
    fused(first, second, weight),
  ]);
}

function fused(first: number, second: number, weight: number): Distance {
  return (a, b) => weight * by(first)(a, b) + (1 - weight) * by(second)(a, b);
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

  /** The row of a choice: each fold has the candidate that is most accurate on the other folds. */
  measureChosen(name: string, candidates: readonly Candidate[]): Row {
    const compared = candidates.map(([, distance]) => this.#compare(distance));
    const chosen = new Map(this.#folds.map((fold) => [fold, bestOf(fold, compared)]));
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
}

/** The index of the candidate that is most accurate on the other folds at its best threshold. */
function bestOf(fold: number, compared: readonly ComparedPair[][]): number {
  const correct = compared.map((pairs) => {
    const others = pairs.filter(hasDistance).filter((pair) => pair.fold !== fold);
    const threshold = bestThreshold(others);
    return others.filter(({ distance, same }) => distance <= threshold === same).length;
  });
  return correct.indexOf(Math.max(...correct));
}

/** The pairs of a fold, with distances divided by the best threshold of the other folds: distances of different kinds get one scale. */
function heldOut(fold: number, pairs: readonly ComparedPair[]): ComparedPair[] {
  const threshold = bestThreshold(pairs.filter(hasDistance).filter((pair) => pair.fold !== fold));
  return pairs
    .filter((pair) => pair.fold === fold)
    .map((pair) => ({ ...pair, distance: pair.distance === null ? null : pair.distance / threshold }));
}
