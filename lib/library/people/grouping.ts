import { removeCannotLinks } from '../../clustering/cannot-link.ts';
import { chineseWhispers } from '../../clustering/chinese-whispers.ts';
import { joinCrowded } from '../../clustering/join-crowded.ts';
import { ListedLinks } from '../../clustering/listed-links.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { flag } from './columns.ts';
import type { Edit } from './edit.ts';
import { groupingConstraints } from './grouping-constraints.ts';
import { matchPeople } from './match-people.ts';
import { settlePeople } from './settle-people.ts';
import type { PeopleState } from './state.ts';

/** How faces are grouped. */
export interface GroupingRule {
  /** The distance within which two faces are linked. */
  within: number;
  /**
   * The distance within which two faces of one photo may be of one person, as in a collage or a mirror. Infinite: the photo is
   * ignored; negative: they never are.
   */
  withinPhoto: number;
}

/** Whether a face is grouped: it has not been removed, is a face, and is good enough or kept by a correction. */
export function isGrouped({ columns }: PeopleState, face: number): boolean {
  if (columns.has(face, flag.removed | flag.notAFace)) return false;
  return columns.has(face, flag.kept) || !columns.has(face, flag.poor);
}

/**
 * Adds faces to the people of the faces near them, or makes new people of them. Other faces keep their people, so that the time
 * depends on the number of new faces only.
 */
export async function placeFaces(
  edit: Edit,
  graph: FaceGraph,
  faces: readonly number[],
  rule: GroupingRule,
  signal?: AbortSignal,
): Promise<void> {
  const { state } = edit;
  const added = faces.filter((face) => isGrouped(state, face) && state.columns.person[face] === 0);
  if (added.length === 0) return;
  const isAdded = new Set(added);
  const known = new Set<number>();
  for (const face of added) {
    graph.lists.forEach(face, rule.within, (other) => {
      if (!isAdded.has(other) && state.columns.person[other] !== 0 && isGrouped(state, other)) known.add(other);
    });
  }
  // All faces of these people in the same photos count, so that no person is twice in a photo.
  for (const face of samePhoto(state, added)) known.add(face);
  const order = [...inCanonicalOrder(state, [...known]), ...inCanonicalOrder(state, added)];
  const labels = await label(state, graph, order, known.size, rule, signal);
  assignNew(edit, order, labels, known.size);
}

/**
 * Groups all faces again, except those that corrections keep. The result does not depend on the order in which photos arrived,
 * but for the approximation of the neighbour graph. People keep their numbers by most of their faces.
 */
export async function regroupFaces(
  edit: Edit,
  graph: FaceGraph,
  rule: GroupingRule,
  signal?: AbortSignal,
): Promise<void> {
  const { state } = edit;
  const { columns } = state;
  const all = Array.from({ length: Math.min(columns.size, graph.size) }, (_, face) => face).filter((face) =>
    isGrouped(state, face),
  );
  const kept = inCanonicalOrder(
    state,
    all.filter((face) => columns.has(face, flag.kept)),
  );
  await yieldToEventLoop(signal);
  const free = inCanonicalOrder(
    state,
    all.filter((face) => !columns.has(face, flag.kept)),
  );
  const order = [...kept, ...free];
  const before = columns.person.slice(0, columns.size);
  const labels = await label(state, graph, order, kept.length, rule, signal);
  const matched = { order, labels, known: kept.length, before };
  const people = await matchPeople(matched, () => edit.newPerson(), signal);
  const isGroupedNow = new Uint8Array(columns.size);
  for (const face of order) isGroupedNow[face] = 1;
  // From here on nothing yields: nobody shall see a part of the change, and an abort would leave it.
  for (let i = kept.length; i < order.length; i++) edit.assign(order[i] as number, people[i] as number);
  for (let face = 0; face < columns.size; face++)
    if (!isGroupedNow[face] && columns.person[face] !== 0) edit.assign(face, 0);
  const present = new Set(columns.person.subarray(0, columns.size));
  settlePeople(
    edit,
    state.mentioned().filter((person) => !present.has(person)),
  );
}

/**
 * Labels faces by Chinese Whispers on the neighbour graph. The first faces are known: their labels are the numbers of their
 * people.
 */
async function label(
  state: PeopleState,
  graph: FaceGraph,
  order: readonly number[],
  known: number,
  rule: GroupingRule,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const links = await ListedLinks.among(graph.lists, order, rule.within, signal);
  const grouped = { faces: order, known, withinPhoto: rule.withinPhoto };
  const cannotLink = await groupingConstraints(state, graph, grouped, signal);
  const labels = order.slice(0, known).map((face) => state.columns.person[face] as number);
  const { within } = rule;
  const options = { known: labels, cannotLink, signal };
  await removeCannotLinks(links, cannotLink, signal);
  const found = await chineseWhispers(links, within, options);
  return joinCrowded(
    graph,
    { faces: order, labels: found, known, cannotLink },
    {
      ...{ within, averagesAll: false, signal },
      cluster: (clusterLinks, given) => chineseWhispers(clusterLinks, within, { ...given, signal }),
    },
  );
}

/** The grouped faces of the photos of some faces. */
function samePhoto(state: PeopleState, faces: readonly number[]): number[] {
  const { columns } = state;
  const isGiven = new Set(faces);
  const photos = new Set(faces.map((face) => columns.photo[face]));
  const found: number[] = [];
  // All faces are searched: one that was found when its photo was indexed again has a later number than the others.
  for (let other = 0; other < columns.size; other++) {
    if (!photos.has(columns.photo[other]) || isGiven.has(other)) continue;
    if (columns.person[other] !== 0 && isGrouped(state, other)) found.push(other);
  }
  return found;
}

/** Faces by the ids of their photos. Photos of equal first digits and faces of one photo: by their numbers. */
function inCanonicalOrder({ columns }: PeopleState, faces: readonly number[]): number[] {
  return [...faces].sort((a, b) => (columns.order[a] as number) - (columns.order[b] as number) || a - b);
}

function assignNew(edit: Edit, order: readonly number[], labels: readonly number[], known: number): void {
  const people = new Set(order.slice(0, known).map((face) => edit.state.columns.person[face] as number));
  const newPeople = new Map<number, number>();
  for (let i = known; i < order.length; i++) {
    const label = labels[i] as number;
    let person = people.has(label) ? label : newPeople.get(label);
    if (person === undefined) {
      person = edit.newPerson();
      newPeople.set(label, person);
    }
    edit.assign(order[i] as number, person);
  }
}
