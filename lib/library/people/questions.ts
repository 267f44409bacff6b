import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable, Calibration } from '../../core/types.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import type { Question } from '../model/types.ts';
import { comparePairs, gain } from './compare-pairs.ts';
import type { Pair } from './near-pairs.ts';
import { questionProbability } from './question-probability.ts';
import type { PeopleState } from './state.ts';

/** The number of faces of each person that a question shows. */
const shownFaces = 4;

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
  const { pairs, members, ...counts } = await comparePairs({ state, graph, calibration }, withinPhoto, signal);
  const best = pairs
    .map(({ pair, ...comparison }) => ({ pair, probability: questionProbability(comparison, counts) }))
    .sort((p, q) => q.probability * gain(q.pair, members) - p.probability * gain(p.pair, members))
    .slice(0, limit);
  const questions: Question[] = [];
  for (const { pair, probability } of best) {
    await yieldToEventLoop(signal);
    questions.push(toQuestion({ state, graph, members }, pair, probability));
  }
  return questions;
}

/** @throws {FaceNetError} `option-invalid` for what is no question. */
export function requireQuestion(question: Question): void {
  const { people, faces } = question ?? {};
  const isPair = (value: unknown): value is unknown[] => Array.isArray(value) && value.length === 2;
  if (isPair(people) && (faces === undefined || (isPair(faces) && faces.every((shown) => Array.isArray(shown)))))
    return;
  throw new FaceNetError('option-invalid', 'This is no question: pass one of nextQuestion() or questions().');
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
