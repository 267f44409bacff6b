import { type CannotLink, cannotLinkSets } from '../../clustering/cannot-link.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';
import type { PeopleState } from './state.ts';

/** The faces to group. */
interface Grouped {
  /** The numbers of the faces. The first ones keep their people. */
  faces: readonly number[];
  /** How many of the first faces keep their people. */
  known: number;
  /** The distance within which two faces of one photo may be of one person; see `GroupingRule`. */
  withinPhoto: number;
}

/** The constraints among faces that are grouped, by their indices in the list: those of one photo, and faces that are not of a person. */
export function groupingConstraints(state: PeopleState, graph: FaceGraph, grouped: Grouped): CannotLink {
  const { faces, withinPhoto } = grouped;
  const { photo: photos } = state.columns;
  const corrections = correctedPairs(state, grouped);
  if (withinPhoto === Number.POSITIVE_INFINITY) {
    return cannotLinkSets(
      faces.map(() => ({})),
      corrections,
    );
  }
  const twins = withTwins(photos, graph, faces, withinPhoto);
  const pairs = [...corrections, ...pairsBeyond(withinPhoto, graph, faces, twins)];
  return cannotLinkSets(
    faces.map((face) => {
      const photo = photos[face] as number;
      return twins.has(photo) ? {} : { photo };
    }),
    pairs,
  );
}

/** The pairs of a new face and a known face of a person that a correction says it is not of. */
function correctedPairs({ columns, constraints }: PeopleState, { faces, known }: Grouped): [number, number][] {
  const indexOf = new Map(faces.map((face, i) => [face, i]));
  const firstOf = new Map<number, number>();
  for (let i = 0; i < known; i++) {
    const person = columns.person[faces[i] as number] as number;
    if (!firstOf.has(person)) firstOf.set(person, i);
  }
  const pairs: [number, number][] = [];
  for (const { kind, a, b } of constraints.values()) {
    const [face, member] = [indexOf.get(a), firstOf.get(b)];
    // One known face of the person suffices, because it keeps the person's label.
    if (kind === 'not-person' && face !== undefined && face >= known && member !== undefined)
      pairs.push([face, member]);
  }
  return pairs;
}

/** The pairs of faces of one photo that are farther apart than a distance, among photos with faces nearer than that. */
function pairsBeyond(
  distance: number,
  graph: FaceGraph,
  faces: readonly number[],
  twins: ReadonlyMap<number, number[]>,
): [number, number][] {
  const pairs: [number, number][] = [];
  for (const members of twins.values()) {
    members.forEach((a, i) => {
      for (const b of members.slice(0, i)) {
        if (graph.distance(faces[a] as number, faces[b] as number) > distance) pairs.push([a, b]);
      }
    });
  }
  return pairs;
}

/** The photos with two faces so near that they may be of one person, and the indices of their faces. */
function withTwins(
  photos: Uint32Array,
  graph: FaceGraph,
  faces: readonly number[],
  within: number,
): Map<number, number[]> {
  const found = new Set<number>();
  for (const face of faces) {
    graph.lists.forEach(face, within, (other) => {
      if (photos[other] === photos[face]) found.add(photos[face] as number);
    });
  }
  const members = new Map<number, number[]>();
  for (const [i, face] of faces.entries()) {
    const photo = photos[face] as number;
    if (found.has(photo)) members.set(photo, [...(members.get(photo) ?? []), i]);
  }
  return members;
}
