import { probabilityAt } from '../../comparison/calibration.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { evenly } from '../../core/evenly.ts';
import type { Abortable, Calibration } from '../../core/types.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import type { Question } from '../model/types.ts';
import { bestItems } from './best-items.ts';
import { facesByPerson } from './members.ts';
import { nearPairs, type Pair } from './near-pairs.ts';
import type { PeopleState } from './state.ts';

/** The number of faces of each person that a question compares and shows. */
const shownFaces = 4;

/** Pairs whose distance is more likely among strangers than among photos of one person are not asked about. */
const minEvenProbability = 0.5;

/** The number of pairs of people that are compared by several faces, and the number of faces of each. */
const maxCompared = 2000;
const comparedFaces = 5;

/**
 * The weight of the even prior, in pairs, in the estimate of the prior. Of a few pairs that are near enough to compare, the estimate
 * alone runs to 0 or 1. With thousands of pairs this changes nothing.
 */
const evenPriorWeight = 10;

/** The lowest share of pairs that are the same person: even if no pair seems to be, the most probable one can be asked about. */
const minPrior = 0.01;

/**
 * The questions with the highest expected gain, the best first. The value of a question is its probability times the gain of BCubed
 * recall if the answer is yes: 2·|A|·|B| / (|A| + |B|).
 *
 * @param options the maximum number of questions (default: all), the distance within which two faces of a photo may be of one person
 *   (see `GroupingRule`; default: they never are), and a signal that cancels the call.
 */
export async function rankQuestions(
  state: PeopleState,
  graph: FaceGraph,
  calibration: Calibration,
  {
    limit = Number.POSITIVE_INFINITY,
    withinPhoto = -1,
    signal,
  }: { limit?: number; withinPhoto?: number } & Abortable = {},
): Promise<Question[]> {
  const pairs = await nearPairs(state, graph, withinPhoto, signal);
  const chosen = await promisingPairs({ state, graph, calibration }, pairs, signal);
  // Computed without a pause: a change meanwhile may have moved the faces of a pair, or answered it.
  const members = facesByPerson(state.columns, graph.size);
  const promising = chosen.filter(openPairs(state));
  const distances: number[] = [];
  for (const { a, b } of promising) {
    await yieldToEventLoop(signal);
    distances.push(meanDistance(graph, members.get(a) ?? [], members.get(b) ?? []));
  }
  const even = distances.map((distance) => probabilityAt(distance, calibration));
  const probabilities = withEstimatedPrior(even);
  const best = promising
    .map((pair, i) => ({ pair, probability: probabilities[i] as number, even: even[i] as number }))
    .filter(({ even }) => even >= minEvenProbability)
    .sort((p, q) => q.probability * gain(q.pair, members) - p.probability * gain(p.pair, members))
    .slice(0, limit);
  const questions: Question[] = [];
  for (const { pair, probability } of best) {
    await yieldToEventLoop(signal);
    questions.push(toQuestion({ state, graph, members }, pair, probability));
  }
  return questions;
}

/** Checks that the faces of a question are still of its people. @throws {FaceNetError} `library-unknown` */
export function requireShownFaces({ columns }: PeopleState, { people, faces = [[], []] }: Question): void {
  people.forEach((person, i) => {
    const other = faces[i]?.find((face) => columns.person[face] !== person);
    if (other === undefined) return;
    throw new FaceNetError(
      'library-unknown',
      `The face ${other} of the question is not of the person ${person} any more: ask again with nextQuestion() or questions().`,
    );
  });
}

/** The pairs of the highest expected gain by their nearest faces. They suffice to leave out most pairs; all faces decide about the others. */
async function promisingPairs(
  { state, graph, calibration }: { state: PeopleState; graph: FaceGraph; calibration: Calibration },
  pairs: readonly Pair[],
  signal: AbortSignal | undefined,
): Promise<Pair[]> {
  const members = facesByPerson(state.columns, graph.size);
  const scoreOf = (pair: Pair) => probabilityAt(pair.distance, calibration) * gain(pair, members);
  return bestItems(pairs, { count: maxCompared, scoreOf, isWanted: openPairs(state) }, signal);
}

/** The gain of BCubed recall if two people are one. */
function gain({ a, b }: Pair, members: ReadonlyMap<number, readonly number[]>): number {
  const sizeOf = (person: number) => members.get(person)?.length ?? 1;
  return (2 * sizeOf(a) * sizeOf(b)) / (sizeOf(a) + sizeOf(b));
}

/** Whether the nearest faces of a pair are still of its people, and no correction answers whether these are one. */
function openPairs(state: PeopleState): (pair: Pair) => boolean {
  const { columns } = state;
  const answered = state.constrainedPairs();
  return ({ a, b, nearest: [first, second] }) =>
    columns.person[first] === a &&
    columns.person[second] === b &&
    !answered.has(a, b) &&
    !state.haveDifferentNames(a, b);
}

/** The mean distance of the faces of two people, of some of them each. */
function meanDistance(graph: FaceGraph, a: readonly number[], b: readonly number[]): number {
  const [some, others] = [evenly(a, comparedFaces), evenly(b, comparedFaces)];
  let sum = 0;
  for (const face of some) for (const other of others) sum += graph.distance(face, other);
  return sum / (some.length * others.length);
}

/**
 * Corrects probabilities at even prior for the share of pairs that are the same person, which it estimates from them by
 * expectation maximisation. (Saerens, Latinne and Decaestecker, "Adjusting the Outputs of a Classifier to New a Priori
 * Probabilities", Neural Computation 2002)
 */
function withEstimatedPrior(probabilities: readonly number[]): number[] {
  let prior = 0.5;
  let corrected = [...probabilities];
  for (let step = 0; step < 50 && probabilities.length > 0; step++) {
    const odds = prior / (1 - prior);
    corrected = probabilities.map((p) => (p * odds) / (p * odds + 1 - p));
    const sum = corrected.reduce((sum, p) => sum + p, 0);
    const mean = (sum + evenPriorWeight / 2) / (corrected.length + evenPriorWeight);
    prior = Math.min(0.99, Math.max(minPrior, mean));
  }
  return corrected;
}

/** The named person of a pair is the second, so that the question is "Is this Ada?". */
function toQuestion(
  { state, graph, members }: { state: PeopleState; graph: FaceGraph; members: ReadonlyMap<number, readonly number[]> },
  { a, b, nearest }: Pair,
  probability: number,
): Question {
  const isFirstNamed = state.details(a).name !== '' && state.details(b).name === '';
  const [people, seeds]: [[number, number], [number, number]] = isFirstNamed
    ? [
        [b, a],
        [nearest[1], nearest[0]],
      ]
    : [[a, b], nearest];
  const faces = people.map((person, i) =>
    nearestFaces(graph, members.get(person) ?? [], seeds[i] as number, seeds[1 - i] as number),
  );
  return { people, faces: faces as [number[], number[]], probability };
}

/** The face of the nearest link, and the other faces of its person that are most similar to the other person's. */
function nearestFaces(graph: FaceGraph, faces: readonly number[], own: number, other: number): number[] {
  const byDistance = faces
    .filter((face) => face !== own)
    .slice(0, 50)
    .map((face) => ({ face, distance: graph.distance(face, other) }))
    .sort((a, b) => a.distance - b.distance);
  return [own, ...byDistance.slice(0, shownFaces - 1).map(({ face }) => face)];
}
