import { representativesOf, visitCrowdedLinks } from '../../clustering/crowded-links.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { listLength } from '../../neighbours/near-lists.ts';
import { isGrouped } from './grouping.ts';
import { facesByPerson } from './members.ts';
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
 * Visits the links between the faces of two people, neither hidden, in the order of the faces. Most links are visited in both directions.
 * Yields to the event loop.
 */
export async function visitNearLinks(
  { state, graph }: { state: PeopleState; graph: FaceGraph },
  visit: (link: Pair) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { columns } = state;
  const crowded = new Set<number>();
  const answered = state.constrainedPairs();
  const hidden = new Set([...state.people.values()].filter(({ hidden }) => hidden).map(({ number }) => number));
  // Fixed, because faces may be added meanwhile.
  const size = Math.min(columns.size, graph.size);
  for (let face = 0; face < size; face++) {
    if (face % 64 === 0) await yieldToEventLoop(signal);
    const person = columns.person[face] as number;
    if (person === 0 || hidden.has(person) || !isGrouped(state, face)) continue;
    let [listed, hasOpen] = [0, false];
    graph.lists.forEach(face, Number.POSITIVE_INFINITY, (other, distance) => {
      listed++;
      const second = columns.person[other] as number;
      if (second === person || second === 0 || hidden.has(second) || !isGrouped(state, other)) return;
      hasOpen ||= !answered.has(person, second) && !state.haveDifferentNames(person, second);
      visit({ a: person, b: second, nearest: [face, other], distance });
    });
    if (listed === listLength && !hasOpen) crowded.add(person);
  }
  // People with a face that lists none that a question can be about, because it has more near faces than a list has places.
  if (crowded.size === 0) return;
  const members = facesByPerson(columns, graph.size);
  // A correction may have taken all faces of one meanwhile.
  const people = [...crowded].filter((person) => members.has(person));
  const groups = people.map((person) => representativesOf(members.get(person) as number[]));
  const visitPeople = ([a, b]: [number, number], nearest: [number, number], distance: number) =>
    visit({ a: people[a] as number, b: people[b] as number, nearest, distance });
  await visitCrowdedLinks(graph, groups, Number.POSITIVE_INFINITY, visitPeople, signal);
}
