import { probabilityAt } from '../../comparison/calibration.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { evenly } from '../../core/evenly.ts';
import type { Calibration } from '../../core/types.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { BestPairs } from './best-pairs.ts';
import { facesByPerson, facesByPhoto } from './members.ts';
import { type Pair, visitNearLinks } from './near-pairs.ts';
import { PairMap } from './pair-map.ts';
import type { Comparison, NearPairCounts } from './question-probability.ts';
import type { PeopleState } from './state.ts';

/** Pairs whose distance is more likely among strangers than among photos of one person are not asked about. */
const minEvenLogOdds = 0;

/** The number of pairs of people that are compared by several faces, and the number of faces of each. */
const maxCompared = 2000;
const comparedFaces = 5;

/** The number of people whose near pairs are counted. */
const countedPeople = 500;

/** The pairs of people that can be asked about, and what the library tells about all of its near pairs. */
export interface ComparedPairs extends NearPairCounts {
  pairs: (Comparison & { pair: Pair })[];
  /** The faces of every person. */
  members: ReadonlyMap<number, readonly number[]>;
}

/** What is asked about. */
interface Asked {
  state: PeopleState;
  graph: FaceGraph;
  calibration: Calibration;
}

/** The pairs that can be asked about, with the log odds of the mean distance of their faces. */
export async function comparePairs(
  asked: Asked,
  withinPhoto: number,
  signal: AbortSignal | undefined,
): Promise<ComparedPairs> {
  const { state, graph } = asked;
  const { chosen, near } = await findPairs(asked, withinPhoto, signal);
  // Computed without a pause: a change meanwhile may have moved the faces of a pair, or answered it.
  const members = facesByPerson(state.columns, graph.size);
  const compared: ComparedPairs['pairs'] = [];
  for (const pair of chosen.filter(openPairs(state))) {
    await yieldToEventLoop(signal);
    const comparison = compare(asked, pair, members);
    if (comparison.logOdds >= minEvenLogOdds) compared.push({ pair, ...comparison });
  }
  members.delete(0);
  const joins = [...members.values()].reduce((sum, faces) => sum + faces.length - 1, 0);
  return { pairs: compared, members, near, joins };
}

/**
 * The pairs of the highest expected gain by their nearest faces, which suffice to leave out most pairs, and the number of pairs that are
 * near enough to ask about, also of those that were answered.
 */
async function findPairs(
  asked: Asked,
  withinPhoto: number,
  signal: AbortSignal | undefined,
): Promise<{ chosen: Pair[]; near: number }> {
  const { state, graph, calibration } = asked;
  const members = facesByPerson(state.columns, graph.size);
  members.delete(0);
  const isOpen = openPairs(state);
  const areTogether = peopleTogether(asked, withinPhoto);
  const best = new BestPairs({
    count: maxCompared,
    scoreOf: (pair) => probabilityAt(pair.distance, calibration) * gain(pair, members),
    isWanted: (pair) => isOpen(pair) && !areTogether(pair, members),
  });
  const counted = new Set(evenly([...members.keys()], countedPeople));
  const sample = new PairMap<true>();
  const sampled: Pair[] = [];
  const visit = (link: Pair) => {
    best.offer(link);
    if ((!counted.has(link.a) && !counted.has(link.b)) || sample.has(link.a, link.b)) return;
    sample.set(link.a, link.b, true);
    sampled.push(link);
  };
  await visitNearLinks(asked, visit, signal);
  const some = evenly(sampled, maxCompared);
  let ends = 0;
  for (const pair of some) {
    await yieldToEventLoop(signal);
    if (compare(asked, pair, members).logOdds < minEvenLogOdds || areTogether(pair, members)) continue;
    ends += Number(counted.has(pair.a)) + Number(counted.has(pair.b));
  }
  const shares = (some.length / Math.max(1, sampled.length)) * (counted.size / members.size);
  return { chosen: best.pairs(), near: ends > 0 ? ends / 2 / shares : 0 };
}

/** Whether two people have faces in one photo, beyond a distance: then they are different. */
function peopleTogether(
  { state: { columns }, graph }: Asked,
  withinPhoto: number,
): (pair: Pair, members: ReadonlyMap<number, readonly number[]>) => boolean {
  const photos = facesByPhoto(columns, Math.min(columns.size, graph.size));
  return ({ a, b }, members) => {
    const [faces, others] = [members.get(a) ?? [], members.get(b) ?? []];
    const [fewer, second] = faces.length <= others.length ? [faces, b] : [others, a];
    const isOfSecond = (face: number, other: number) => other !== face && columns.person[other] === second;
    return fewer.some((face) =>
      photos
        .get(columns.photo[face] as number)
        ?.some((other) => isOfSecond(face, other) && graph.distance(face, other) > withinPhoto),
    );
  };
}

/** The gain of BCubed recall if two people are one. Called for each link of the graph. */
export function gain({ a, b }: Pair, members: ReadonlyMap<number, readonly number[]>): number {
  const first = members.get(a)?.length ?? 1;
  const second = members.get(b)?.length ?? 1;
  return (2 * first * second) / (first + second);
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

/** Compares the faces of two people, some of them each. */
function compare(
  { graph, calibration }: Asked,
  { a, b }: Pair,
  members: ReadonlyMap<number, readonly number[]>,
): Comparison {
  const [some, others] = [a, b].map((person) => evenly(members.get(person) ?? [], comparedFaces)) as [
    number[],
    number[],
  ];
  let sum = 0;
  for (const face of some) for (const other of others) sum += graph.distance(face, other);
  const distances = some.length * others.length;
  const [base, slope] = calibration.logOdds;
  return { logOdds: base + (slope * sum) / distances, distances };
}
