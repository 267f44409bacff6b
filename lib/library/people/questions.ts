import { probabilityAt } from '../../comparison/calibration.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { Calibration } from '../../core/types.ts';
import type { Question } from '../model/types.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';
import { isGrouped } from './grouping.ts';
import type { PeopleState } from './state.ts';

/** The number of faces of each person that a question compares and shows. */
const shownFaces = 4;

/** Pairs that are less probable than this are not asked about. */
const minProbability = 0.05;

/** Two people whose faces are near each other. */
interface Pair {
  a: number;
  b: number;
  /** The sum of the distances of linked faces, and their number. */
  sum: number;
  links: number;
  /** The faces of the nearest link. */
  nearest: [number, number];
  distance: number;
}

/**
 * The questions whose answers settle most, the best first. The value of a question is its probability times the gain of BCubed
 * recall if the answer is yes: 2·|A|·|B| / (|A| + |B|).
 */
export async function rankQuestions(
  state: PeopleState,
  graph: FaceGraph,
  calibration: Calibration,
  signal?: AbortSignal,
): Promise<Question[]> {
  const sizes = new Map<number, number>();
  const { columns } = state;
  for (let face = 0; face < columns.size; face++) {
    const person = columns.person[face] as number;
    sizes.set(person, (sizes.get(person) ?? 0) + 1);
  }
  const questions: { question: Question; value: number }[] = [];
  for (const pair of await nearPairs(state, graph, signal)) {
    const { a, b } = pair;
    const probability = probabilityAt(pair.sum / pair.links, calibration);
    if (probability < minProbability) continue;
    if (state.areDifferent(a, b) || state.hasConstraint('unsure', a, b)) continue;
    const [x, y] = [sizes.get(a) as number, sizes.get(b) as number];
    questions.push({
      question: toQuestion(state, graph, pair, probability),
      value: (probability * 2 * x * y) / (x + y),
    });
  }
  return questions.sort((p, q) => q.value - p.value).map(({ question }) => question);
}

/** The pairs of people, neither hidden, with faces that are near each other and not in the same photo. */
async function nearPairs(
  state: PeopleState,
  graph: FaceGraph,
  signal: AbortSignal | undefined,
): Promise<Iterable<Pair>> {
  const { columns } = state;
  const pairs = new Map<string, Pair>();
  const together = new Set<string>();
  const isAsked = (face: number) => columns.person[face] !== 0 && isGrouped(state, face);
  for (let face = 0; face < Math.min(columns.size, graph.size); face++) {
    if (face % 64 === 0) await yieldToEventLoop(signal);
    if (!isAsked(face)) continue;
    const person = columns.person[face] as number;
    if (state.details(person).hidden) continue;
    // People who are in one photo together are different.
    for (let other = face + 1; other < columns.size && columns.photo[other] === columns.photo[face]; other++) {
      together.add(keyOf(person, columns.person[other] as number));
    }
    graph.lists.forEach(face, Number.POSITIVE_INFINITY, (other, distance) => {
      const second = columns.person[other] as number;
      if (second === person || !isAsked(other) || state.details(second).hidden) return;
      addLink(pairs, [person, second], [face, other], distance);
    });
  }
  for (const key of together) pairs.delete(key);
  return pairs.values();
}

function addLink(pairs: Map<string, Pair>, [a, b]: [number, number], faces: [number, number], distance: number): void {
  const key = keyOf(a, b);
  const pair = pairs.get(key);
  if (!pair) {
    pairs.set(key, { a, b, sum: distance, links: 1, nearest: faces, distance });
    return;
  }
  pair.sum += distance;
  pair.links++;
  if (distance < pair.distance) {
    pair.nearest = pair.a === a ? faces : [faces[1], faces[0]];
    pair.distance = distance;
  }
}

function keyOf(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** The named person of a pair is the second, so that the question is "Is this Ada?". */
function toQuestion(state: PeopleState, graph: FaceGraph, { a, b, nearest }: Pair, probability: number): Question {
  const isFirstNamed = state.details(a).name !== '' && state.details(b).name === '';
  const [people, seeds]: [[number, number], [number, number]] = isFirstNamed
    ? [
        [b, a],
        [nearest[1], nearest[0]],
      ]
    : [[a, b], nearest];
  const faces = people.map((person, i) =>
    nearestFaces(state, graph, person, seeds[i] as number, seeds[1 - i] as number),
  );
  return { people, faces: faces as [number[], number[]], probability };
}

/** The face of the nearest link, and the other faces of its person that are most similar to the other person's. */
function nearestFaces(state: PeopleState, graph: FaceGraph, person: number, own: number, other: number): number[] {
  const faces = state.columns.facesOf(person).filter((face) => face !== own && face < graph.size);
  const byDistance = faces
    .slice(0, 50)
    .map((face) => ({ face, distance: graph.distance(face, other) }))
    .sort((a, b) => a.distance - b.distance);
  return [own, ...byDistance.slice(0, shownFaces - 1).map(({ face }) => face)];
}
