import { type CannotLink, cannotLinkSets } from '../../clustering/cannot-link.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
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

/**
 * The constraints among faces that are grouped, by their indices in the list: those of one photo, and faces that are not of a person.
 * Yields to the event loop.
 */
export async function groupingConstraints(
  state: PeopleState,
  graph: FaceGraph,
  grouped: Grouped,
  signal?: AbortSignal,
): Promise<CannotLink> {
  await yieldToEventLoop(signal);
  const { faces, withinPhoto } = grouped;
  const { photo: photos } = state.columns;
  const corrections = correctedPairs(state, grouped);
  await yieldToEventLoop(signal);
  if (withinPhoto === Number.POSITIVE_INFINITY) {
    return cannotLinkSets(
      faces.map(() => undefined),
      corrections,
    );
  }
  const twins = await withTwins(photos, graph, { faces, withinPhoto }, signal);
  const pairs = [...corrections, ...(await pairsBeyond(withinPhoto, graph, faces, twins, signal))];
  return cannotLinkSets(
    faces.map((face) => {
      const photo = photos[face] as number;
      return twins.has(photo) ? undefined : photo;
    }),
    pairs,
  );
}

/** The pairs of a new face and a known face of a person that a correction says it is not of. */
function correctedPairs({ columns, constraints }: PeopleState, { faces, known }: Grouped): [number, number][] {
  const refused = [...constraints.values()].filter(({ kind }) => kind === 'not-person');
  if (refused.length === 0) return [];
  const indexOf = indicesOf(
    faces,
    refused.map(({ a }) => a),
  );
  const firstOf = new Map<number, number>();
  for (let i = 0; i < known; i++) {
    const person = columns.person[faces[i] as number] as number;
    if (!firstOf.has(person)) firstOf.set(person, i);
  }
  const pairs: [number, number][] = [];
  for (const { a, b } of refused) {
    const [face, member] = [indexOf.get(a), firstOf.get(b)];
    // One known face of the person suffices, because it keeps the person's label.
    if (face !== undefined && face >= known && member !== undefined) pairs.push([face, member]);
  }
  return pairs;
}

/** The indices of some faces in a list of faces. */
function indicesOf(faces: readonly number[], some: readonly number[]): Map<number, number> {
  const isWanted = new Set(some);
  const indices = new Map<number, number>();
  faces.forEach((face, i) => {
    if (isWanted.has(face)) indices.set(face, i);
  });
  return indices;
}

/** The pairs of faces of one photo that are farther apart than a distance, among photos with faces nearer than that. */
async function pairsBeyond(
  distance: number,
  graph: FaceGraph,
  faces: readonly number[],
  twins: ReadonlyMap<number, number[]>,
  signal: AbortSignal | undefined,
): Promise<[number, number][]> {
  const pairs: [number, number][] = [];
  for (const members of twins.values()) {
    await yieldToEventLoop(signal);
    members.forEach((a, i) => {
      for (const b of members.slice(0, i)) {
        if (graph.distance(faces[a] as number, faces[b] as number) > distance) pairs.push([a, b]);
      }
    });
  }
  return pairs;
}

/** The photos with two faces so near that they may be of one person, and the indices of their faces. */
async function withTwins(
  photos: Uint32Array,
  graph: FaceGraph,
  { faces, withinPhoto }: Pick<Grouped, 'faces' | 'withinPhoto'>,
  signal: AbortSignal | undefined,
): Promise<Map<number, number[]>> {
  const found = new Set<number>();
  for (const [i, face] of faces.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    graph.lists.forEach(face, withinPhoto, (other) => {
      if (photos[other] === photos[face]) found.add(photos[face] as number);
    });
  }
  const members = new Map<number, number[]>();
  for (const [i, face] of faces.entries()) {
    const photo = photos[face] as number;
    if (!found.has(photo)) continue;
    const of = members.get(photo);
    if (of) of.push(i);
    else members.set(photo, [i]);
  }
  return members;
}
