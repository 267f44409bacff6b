import { probabilityAt } from '../../comparison/calibration.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable, Calibration } from '../../core/types.ts';
import type { Question } from '../model/types.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';
import { listLength } from '../neighbours/near-lists.ts';
import { representativesOf, visitCrowdedLinks } from './crowded-links.ts';
import { isGrouped } from './grouping.ts';
import { evenly, facesByPerson } from './members.ts';
import { type PeopleState, pairKey } from './state.ts';

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

/** Two people whose faces are near each other. */
interface Pair {
  a: number;
  b: number;
  /** The faces of the nearest link. */
  nearest: [number, number];
  distance: number;
}

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
  const pairs = [...(await nearPairs(state, graph, withinPhoto, signal))];
  // Computed without a pause: a change meanwhile may have moved the faces of a pair.
  const members = facesByPerson(state.columns, graph.size);
  const answered = state.constrainedPairs();
  const open = pairs.filter((pair) => isPresent(state, pair) && !answered.has(pairKey(pair.a, pair.b)));
  const sizeOf = (person: number) => members.get(person)?.length ?? 1;
  const gain = ({ a, b }: Pair) => (2 * sizeOf(a) * sizeOf(b)) / (sizeOf(a) + sizeOf(b));
  // The nearest faces suffice to leave out most pairs; all faces decide about the others.
  const promising = open
    .map((pair) => ({ pair, value: probabilityAt(pair.distance, calibration) * gain(pair) }))
    .sort((p, q) => q.value - p.value)
    .slice(0, maxCompared)
    .map(({ pair }) => pair);
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
    .sort((p, q) => q.probability * gain(q.pair) - p.probability * gain(p.pair))
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

/** Whether the nearest faces of a pair are still of its people. */
function isPresent({ columns }: PeopleState, { a, b, nearest: [first, second] }: Pair): boolean {
  return columns.person[first] === a && columns.person[second] === b;
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

/** The pairs of people, neither hidden, with faces that are near each other, and without faces in one photo beyond a distance. */
async function nearPairs(
  state: PeopleState,
  graph: FaceGraph,
  withinPhoto: number,
  signal: AbortSignal | undefined,
): Promise<Iterable<Pair>> {
  const { columns } = state;
  const pairs = new Map<string, Pair>();
  const together = new Set<string>();
  const crowded = new Set<number>();
  const answered = state.constrainedPairs();
  const isAsked = (face: number) => columns.person[face] !== 0 && isGrouped(state, face);
  // Fixed, because faces may be added meanwhile.
  const size = Math.min(columns.size, graph.size);
  for (let face = 0; face < size; face++) {
    if (face % 64 === 0) await yieldToEventLoop(signal);
    if (!isAsked(face)) continue;
    const person = columns.person[face] as number;
    if (state.details(person).hidden) continue;
    // People who are in one photo together are different, unless they may be one person there.
    for (let other = face + 1; other < size && columns.photo[other] === columns.photo[face]; other++) {
      if (graph.distance(face, other) > withinPhoto) together.add(pairKey(person, columns.person[other] as number));
    }
    let [listed, open] = [0, 0];
    graph.lists.forEach(face, Number.POSITIVE_INFINITY, (other, distance) => {
      listed++;
      const second = columns.person[other] as number;
      if (second === person || !isAsked(other) || state.details(second).hidden) return;
      if (!answered.has(pairKey(person, second))) open++;
      addLink(pairs, [person, second], [face, other], distance);
    });
    if (listed === listLength && open === 0) crowded.add(person);
  }
  await addCrowdedLinks(pairs, crowded, { state, graph }, signal);
  for (const key of together) pairs.delete(key);
  return pairs.values();
}

/** Links people with a face that lists none that a question can be about, because it has more near faces than a list has places. */
async function addCrowdedLinks(
  pairs: Map<string, Pair>,
  crowded: ReadonlySet<number>,
  { state, graph }: { state: PeopleState; graph: FaceGraph },
  signal: AbortSignal | undefined,
): Promise<void> {
  const members = facesByPerson(state.columns, graph.size);
  // A correction may have taken all faces of one meanwhile.
  const people = [...crowded].filter((person) => members.has(person));
  const groups = people.map((person) => representativesOf(members.get(person) as number[]));
  const link = ([a, b]: [number, number], faces: [number, number], distance: number) =>
    addLink(pairs, [people[a] as number, people[b] as number], faces, distance);
  await visitCrowdedLinks(graph, groups, Number.POSITIVE_INFINITY, link, signal);
}

function addLink(pairs: Map<string, Pair>, [a, b]: [number, number], faces: [number, number], distance: number): void {
  const key = pairKey(a, b);
  const pair = pairs.get(key);
  if (!pair) {
    pairs.set(key, { a, b, nearest: faces, distance });
    return;
  }
  if (distance < pair.distance) {
    pair.nearest = pair.a === a ? faces : [faces[1], faces[0]];
    pair.distance = distance;
  }
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
