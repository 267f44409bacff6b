import { representativesOf, visitCrowdedLinks } from '../../clustering/crowded-links.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { listLength } from '../../neighbours/near-lists.ts';
import { isGrouped } from './grouping.ts';
import { facesByPerson, facesByPhoto } from './members.ts';
import { PairMap } from './pair-map.ts';
import type { PeopleState } from './state.ts';

/** Two people whose faces are near each other. */
export interface Pair {
  a: number;
  b: number;
  /** The faces of the nearest link. */
  nearest: [number, number];
  distance: number;
}

/**
 * The pairs of people, neither hidden, with faces that are near each other, and without faces in one photo beyond a distance, in the
 * order in which they are found. Yields to the event loop.
 */
export async function nearPairs(
  state: PeopleState,
  graph: FaceGraph,
  withinPhoto: number,
  signal: AbortSignal | undefined,
): Promise<Pair[]> {
  const { columns } = state;
  const pairs = new LinkedPairs();
  const together = new PairMap<true>();
  const crowded = new Set<number>();
  const answered = state.constrainedPairs();
  const isAsked = (face: number) => columns.person[face] !== 0 && isGrouped(state, face);
  // Fixed, because faces may be added meanwhile.
  const size = Math.min(columns.size, graph.size);
  const photos = facesByPhoto(columns, size);
  for (let face = 0; face < size; face++) {
    if (face % 64 === 0) await yieldToEventLoop(signal);
    if (!isAsked(face)) continue;
    const person = columns.person[face] as number;
    if (state.details(person).hidden) continue;
    // People who are in one photo together are different, unless they may be one person there.
    for (const other of photos.get(columns.photo[face] as number) ?? []) {
      if (other > face && graph.distance(face, other) > withinPhoto)
        together.set(person, columns.person[other] as number, true);
    }
    let [listed, open] = [0, 0];
    graph.lists.forEach(face, Number.POSITIVE_INFINITY, (other, distance) => {
      listed++;
      const second = columns.person[other] as number;
      if (second === person || !isAsked(other) || state.details(second).hidden) return;
      if (!answered.has(person, second) && !state.haveDifferentNames(person, second)) open++;
      pairs.addLink([person, second], [face, other], distance);
    });
    if (listed === listLength && open === 0) crowded.add(person);
  }
  await addCrowdedLinks(pairs, crowded, { state, graph }, signal);
  const apart: Pair[] = [];
  for (const [i, pair] of pairs.list.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    if (!together.has(pair.a, pair.b)) apart.push(pair);
  }
  return apart;
}

/** Links people with a face that lists none that a question can be about, because it has more near faces than a list has places. */
async function addCrowdedLinks(
  pairs: LinkedPairs,
  crowded: ReadonlySet<number>,
  { state, graph }: { state: PeopleState; graph: FaceGraph },
  signal: AbortSignal | undefined,
): Promise<void> {
  const members = facesByPerson(state.columns, graph.size);
  // A correction may have taken all faces of one meanwhile.
  const people = [...crowded].filter((person) => members.has(person));
  const groups = people.map((person) => representativesOf(members.get(person) as number[]));
  const link = ([a, b]: [number, number], faces: [number, number], distance: number) =>
    pairs.addLink([people[a] as number, people[b] as number], faces, distance);
  await visitCrowdedLinks(graph, groups, Number.POSITIVE_INFINITY, link, signal);
}

/** Pairs of people with links between their faces. */
class LinkedPairs {
  /** The pairs in the order of their first links. */
  readonly list: Pair[] = [];
  readonly #pairs = new PairMap<Pair>();

  addLink([a, b]: [number, number], faces: [number, number], distance: number): void {
    const pair = this.#pairs.get(a, b);
    if (!pair) {
      const added = { a, b, nearest: faces, distance };
      this.list.push(added);
      this.#pairs.set(a, b, added);
      return;
    }
    if (distance < pair.distance) {
      pair.nearest = pair.a === a ? faces : [faces[1], faces[0]];
      pair.distance = distance;
    }
  }
}
