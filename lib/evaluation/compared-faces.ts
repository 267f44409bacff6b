import type { RatedFace } from '../comparison/conditional.ts';
import type { Calibration } from '../core/types.ts';

/** A face of a labelled photo. Its `quality`, as `embed()` returns it, decides how its pairs are judged. */
export interface EvaluatedFace<Embedding = Float32Array> extends RatedFace {
  /** The person in the photo. Two faces of one person form a genuine pair, of two an impostor pair. */
  person: string;
  /** What the distance is computed from. */
  embedding: Embedding;
  /** A group of people or photos whose error rates are also stated alone. Default: none. */
  cohort?: string | undefined;
  /** The name of the photo in lists of failures. */
  photo?: string | undefined;
}

/** All pairs of some faces. */
export interface ComparedFaces {
  /** The faces, without their embeddings. */
  readonly faces: readonly Omit<EvaluatedFace, 'embedding'>[];
  /** The number of each face's person, from 0. */
  readonly personOf: readonly number[];
  /** The number of people. */
  readonly people: number;
  /** The calibration that pairs are judged by; undefined if distances alone decide. */
  readonly calibration: Calibration | undefined;
  /**
   * The distance of the faces at two positions, 0 or more.
   *
   * @param i the position of a face in `faces`.
   * @param j the position of another face.
   */
  distance(i: number, j: number): number;
}

/**
 * Compares every face with every other one.
 *
 * @param faces the faces, each with its person.
 * @param distance the distance of two embeddings, 0 or more.
 * @param calibration judges pairs as `compare` does, by the quality of both faces: a threshold that is given to the other functions is
 *   then that of pairs of unknown quality. Default: distances alone decide.
 * @returns the pairs, for the other functions of this module. Memory: 4 bytes per pair.
 *
 * @example
 * const labelled = faces.map(({ embedding, quality }, i) => ({ person: people[i], embedding, quality }));
 * const compared = compareFaces(labelled, cosineDistance, facenet.rule.calibration);
 * const { fmr, fnmr } = verificationErrors(compared, 0.62);
 * show(fmr.rate, fnmr.rate);
 */
export function compareFaces<Embedding>(
  faces: readonly EvaluatedFace<Embedding>[],
  distance: (a: Embedding, b: Embedding) => number,
  calibration?: Calibration,
): ComparedFaces {
  const distances = new Float32Array((faces.length * (faces.length - 1)) / 2);
  let next = 0;
  for (const [i, { embedding }] of faces.entries()) {
    for (let j = 0; j < i; j++) distances[next++] = distance(embedding, (faces[j] as (typeof faces)[0]).embedding);
  }
  const known = faces.map(({ embedding: _, ...face }) => face);
  const between = (i: number, j: number) => {
    const [high, low] = i > j ? [i, j] : [j, i];
    return distances[(high * (high - 1)) / 2 + low] as number;
  };
  return numbered(known, between, calibration);
}

/**
 * The pairs among the faces that a condition selects.
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param selects whether a face is kept.
 *
 * @example
 * const sharp = selectFaces(compared, ({ quality }) => (quality?.overall ?? 0) > 0.5);
 * show(errorsByQuality(sharp, 0.62));
 */
export function selectFaces(
  compared: ComparedFaces,
  selects: (face: Omit<EvaluatedFace, 'embedding'>) => boolean,
): ComparedFaces {
  const { faces, distance, calibration } = compared;
  const positions = faces.flatMap((face, i) => (selects(face) ? [i] : []));
  return numbered(
    positions.map((i) => faces[i] as (typeof faces)[0]),
    (i, j) => distance(positions[i] as number, positions[j] as number),
    calibration,
  );
}

/**
 * The names of all cohorts, sorted.
 *
 * @param compared the pairs, from {@link compareFaces}.
 */
export function cohortsOf(compared: ComparedFaces): string[] {
  return [...new Set(compared.faces.flatMap(({ cohort }) => cohort ?? []))].sort();
}

/** A pair of faces by their positions, with its distance. */
export interface FacePair {
  a: number;
  b: number;
  distance: number;
}

/** The genuine pairs: those of two faces of one person. */
export function genuinePairs({ personOf, distance }: ComparedFaces): FacePair[] {
  const positions = new Map<number, number[]>();
  for (const [i, person] of personOf.entries()) {
    const own = positions.get(person);
    if (own) own.push(i);
    else positions.set(person, [i]);
  }
  return [...positions.values()].flatMap((own) =>
    own.flatMap((b, k) => own.slice(0, k).map((a) => ({ a, b, distance: distance(a, b) }))),
  );
}

/** Calls a function with each impostor pair: those of faces of two people. */
export function forEachImpostor(
  { personOf, distance }: ComparedFaces,
  visit: (distance: number, a: number, b: number) => void,
): void {
  for (let b = 1; b < personOf.length; b++) {
    for (let a = 0; a < b; a++) if (personOf[a] !== personOf[b]) visit(distance(a, b), a, b);
  }
}

function numbered(
  faces: ComparedFaces['faces'],
  distance: ComparedFaces['distance'],
  calibration: Calibration | undefined,
): ComparedFaces {
  const numbers = new Map<string, number>();
  const personOf = faces.map(({ person }) => {
    const number = numbers.get(person) ?? numbers.size;
    numbers.set(person, number);
    return number;
  });
  return { faces, personOf, people: numbers.size, distance, calibration };
}
