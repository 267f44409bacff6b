import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import { minFalseAccepts } from './calibration.ts';
import { ImpostorPairs, type LabelledFace } from './impostor-pairs.ts';

/** The genuine pairs and the faces of photos of known people. */
export interface PhotoSet<Embedding = Float32Array> {
  /** The face of each photo. All pairs of faces of different people are the impostor pairs. */
  faces: readonly LabelledFace<Embedding>[];
  /** The genuine pairs; with the distance `Infinity` if a photo has no face, so that the pair counts as rejected. */
  genuine: readonly {
    /** The name of the person in both photos. */
    person: string;
    /** The distance of the two faces, 0 or more. */
    distance: number;
  }[];
  /** The distance of two embeddings. It is called for every pair of faces. */
  distance: (a: Embedding, b: Embedding) => number;
}

/** VAL at a false-accept rate among all impostor pairs. */
export interface AllPairsValidation extends Interval {
  /** The false-accept rate that VAL belongs to, above 0 and below 1. */
  far: number;
  /** VAL, 0 to 1; NaN if fewer than ten false accepts are expected in a set. */
  validationRate: number;
  /** For each set, the smallest distance at which the false-accept rate exceeds `far`. Nearer pairs are accepted. */
  thresholds: number[];
  /** The number of impostor pairs of all sets. */
  impostorPairs: number;
}

/** The number of bootstrap replicates: the ends of the interval have 25 replicates beyond them. */
const defaultReplicates = 1000;

/**
 * VAL at false-accept rates among all impostor pairs that the photos form, with its 95 % interval. The genuine pairs are
 * the given ones. A protocol such as LFW's View 2 lists 300 impostor pairs per fold, so that VAL at 10⁻³ depends on one or
 * two of them; its 3,074 photos of folds 1 to 4 form 4.7 million.
 *
 * The threshold of a rate is the distance of an impostor pair. VAL is interpolated linearly between the two points of the
 * ROC curve next to the rate, which matters only if several pairs tie at the threshold. The interval is a percentile
 * bootstrap over people: an impostor pair has the product of the multiplicities of its
 * people as weight, a genuine pair the multiplicity of its person, and each replicate has a threshold of its own.
 *
 * Held-out people: pass one set with all photos if nothing was fitted to the people in them. If the distance was fitted,
 * for example weights of a fusion, pass a set for each fold, with the photos of the fold and the distance that was fitted
 * without them. Then every threshold is computed from people whom the distance was not fitted to, and VAL is the share of
 * accepted genuine pairs of all folds. Calibrated thresholds are fitted as well: measure them with
 * {@link allPairsFalseAcceptRate}.
 *
 * @param sets sets of photos without a person in common.
 * @param fars the false-accept rates, above 0 and below 1.
 * @param replicates the number of bootstrap replicates, a positive integer. Default: 1000.
 * @returns the results in the order of `fars`. Memory: 16 bytes per pair of faces.
 *
 * @example
 * const labelled = faces.map(({ embedding }, i) => ({ person: people[i], embedding }));
 * const genuine = [{ person: people[0], distance: euclideanDistance(faces[0].embedding, faces[1].embedding) }];
 * const sets = [{ faces: labelled, genuine, distance: euclideanDistance }];
 * for (const { far, validationRate } of allPairsValidation(sets, [1e-2, 1e-3])) show(far, validationRate);
 */
export function allPairsValidation<Embedding>(
  sets: readonly PhotoSet<Embedding>[],
  fars: readonly number[],
  replicates = defaultReplicates,
): AllPairsValidation[] {
  const prepared = sets.map(prepare);
  const measurable = fars.map((far) => prepared.every(({ impostors }) => far * impostors.count >= minFalseAccepts));
  const rates = (multiplicities: readonly Float64Array[]) =>
    fars.map((far, i) => {
      if (!measurable[i]) return Number.NaN;
      const counts = prepared.map((set, s) => countGenuine(set, far, multiplicities[s] as Float64Array));
      return ratio(counts);
    });
  const once = prepared.map(({ people }) => new Float64Array(people).fill(1));
  const intervals = bootstrapIntervals(
    prepared.map(({ people }) => people),
    rates,
    replicates,
  );
  const impostorPairs = prepared.reduce((sum, { impostors }) => sum + impostors.count, 0);
  return rates(once).map((validationRate, i) => ({
    far: fars[i] as number,
    validationRate,
    ...(intervals[i] as Interval),
    thresholds: prepared.map(
      ({ impostors }, s) => impostors.limit(fars[i] as number, once[s] as Float64Array).distance,
    ),
    impostorPairs,
  }));
}

/**
 * The share of all impostor pairs that is accepted at a given threshold, with its 95 % interval by the bootstrap of
 * {@link allPairsValidation}.
 *
 * @param sets sets of photos without a person in common, each with its threshold: a pair is accepted if its distance is at
 *   most the threshold. If thresholds are fitted, to people of other sets.
 * @param replicates the number of bootstrap replicates, a positive integer. Default: 1000.
 * @returns the share, 0 to 1, and its interval.
 *
 * @example
 * const labelled = faces.map(({ embedding }, i) => ({ person: people[i], embedding }));
 * const { rate, low, high } = allPairsFalseAcceptRate([
 *   { faces: labelled, distance: euclideanDistance, threshold: 1.1 },
 * ]);
 * show(rate, low, high);
 */
export function allPairsFalseAcceptRate<Embedding>(
  sets: readonly (Omit<PhotoSet<Embedding>, 'genuine'> & { threshold: number })[],
  replicates = defaultReplicates,
): Interval & { rate: number } {
  const prepared = sets.map((set) => ({ ...prepare({ ...set, genuine: [] }), threshold: set.threshold }));
  const rate = (multiplicities: readonly Float64Array[]) =>
    ratio(
      prepared.map(({ impostors, threshold }, s) => {
        const own = multiplicities[s] as Float64Array;
        return { accepted: impostors.weightWithin(threshold, own), all: impostors.totalWeight(own) };
      }),
    );
  const people = prepared.map((set) => set.people);
  const [interval] = bootstrapIntervals(people, (multiplicities) => [rate(multiplicities)], replicates);
  return { rate: rate(people.map((count) => new Float64Array(count).fill(1))), ...(interval as Interval) };
}

/** A set whose people have numbers. */
interface PreparedSet<Embedding> {
  people: number;
  impostors: ImpostorPairs<Embedding>;
  genuine: { person: number; distance: number }[];
}

function prepare<Embedding>({ faces, genuine, distance }: PhotoSet<Embedding>): PreparedSet<Embedding> {
  const names = [...new Set([...faces, ...genuine].map(({ person }) => person))];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const numberOf = ({ person }: { person: string }) => numbers.get(person) as number;
  const embeddings = faces.map(({ embedding }) => embedding);
  return {
    people: names.length,
    impostors: new ImpostorPairs(embeddings, faces.map(numberOf), names.length, distance),
    genuine: genuine.map((pair) => ({ person: numberOf(pair), distance: pair.distance })),
  };
}

/** The weights of the genuine pairs: of those that are accepted at a false-accept rate, and of all. */
function countGenuine<Embedding>(
  { impostors, genuine }: PreparedSet<Embedding>,
  far: number,
  multiplicities: Float64Array,
): { accepted: number; all: number } {
  const limit = impostors.limit(far, multiplicities);
  let [accepted, all] = [0, 0];
  for (const { person, distance } of genuine) {
    const weight = multiplicities[person] as number;
    all += weight;
    if (distance < limit.distance) accepted += weight;
    else if (distance === limit.distance) accepted += limit.share * weight;
  }
  return { accepted, all };
}

function ratio(counts: readonly { accepted: number; all: number }[]): number {
  const sum = (key: 'accepted' | 'all') => counts.reduce((total, each) => total + each[key], 0);
  return sum('accepted') / sum('all');
}
