import type { Cluster } from 'facenet-web/clustering';

/** The faces of one person, grouped by clustering or by the user. */
export interface Group {
  /** Does not change when the group grows or is renamed. */
  id: number;
  /** Empty until the group is named. */
  name: string;
  /** The indices of its faces, ascending. At least one. */
  members: readonly number[];
  /** The index of its most representative face. */
  cover: number;
}

/** Groups, the largest first, and the id of the next new group. */
export interface Grouping {
  groups: readonly Group[];
  nextId: number;
}

/** A grouping without groups. */
export const emptyGrouping: Grouping = { groups: [], nextId: 1 };

/**
 * Replaces the groups by new clusters. Each cluster takes over the id and name of the group that most of its faces were in,
 * unless an earlier cluster has taken them.
 */
export function regrouped(before: Grouping, clusters: readonly Cluster[]): Grouping {
  const groupOf = new Map(before.groups.flatMap((group) => group.members.map((face) => [face, group] as const)));
  const taken = new Set<Group>();
  let { nextId } = before;
  const groups = clusters.map(({ members, representative }) => {
    const shares = new Map<Group, number>();
    for (const face of members) {
      const group = groupOf.get(face);
      if (group && !taken.has(group)) shares.set(group, (shares.get(group) ?? 0) + 1);
    }
    const [previous] = [...shares].sort((a, b) => b[1] - a[1])[0] ?? [];
    if (previous) taken.add(previous);
    return { id: previous?.id ?? nextId++, name: previous?.name ?? '', members, cover: representative };
  });
  return { groups: sorted(groups), nextId };
}

/** Merges groups. The result has the id and cover of the largest group, and the name of the largest named one. */
export function merged(grouping: Grouping, ids: readonly number[]): Grouping {
  const selected = grouping.groups.filter(({ id }) => ids.includes(id));
  const [first] = selected;
  if (!first || selected.length < 2) return grouping;
  const one: Group = {
    ...first,
    name: selected.find(({ name }) => name)?.name ?? '',
    members: selected.flatMap(({ members }) => members).sort((a, b) => a - b),
  };
  return { ...grouping, groups: sorted([one, ...grouping.groups.filter((group) => !selected.includes(group))]) };
}

/**
 * Moves faces, grouped or not, into a new group.
 *
 * @param qualityOf returns a face's quality, 0 to 1. The best face becomes the cover of a group without one.
 */
export function splitOff(grouping: Grouping, faces: readonly number[], qualityOf: (face: number) => number): Grouping {
  if (faces.length === 0) return grouping;
  const members = [...faces].sort((a, b) => a - b);
  const one = { id: grouping.nextId, name: '', members, cover: best(members, qualityOf) };
  return {
    groups: sorted([one, ...without(grouping.groups, faces, qualityOf)]),
    nextId: grouping.nextId + 1,
  };
}

/** Moves faces, grouped or not, into an existing group. @param into the group's id. */
export function moved(
  grouping: Grouping,
  faces: readonly number[],
  into: number,
  qualityOf: (face: number) => number,
): Grouping {
  const target = grouping.groups.find(({ id }) => id === into);
  const newFaces = faces.filter((face) => !target?.members.includes(face));
  if (!target || newFaces.length === 0) return grouping;
  const groups = without(grouping.groups, newFaces, qualityOf).map((group) =>
    group.id === into ? { ...group, members: [...group.members, ...newFaces].sort((a, b) => a - b) } : group,
  );
  return { ...grouping, groups: sorted(groups) };
}

/** Renames a group. */
export function renamed(grouping: Grouping, id: number, name: string): Grouping {
  return { ...grouping, groups: grouping.groups.map((group) => (group.id === id ? { ...group, name } : group)) };
}

/**
 * Converts a grouping to the known clusters that `clusterFaces` extends.
 *
 * @param faces the indices of all faces to cluster.
 * @returns `order`: the face indices, grouped faces first, as clustering requires. `known`: the groups as clusters of positions
 * in `order`.
 */
export function toKnownClusters({ groups }: Grouping, faces: readonly number[]): { order: number[]; known: Cluster[] } {
  const grouped = groups.flatMap(({ members }) => members);
  const groupedSet = new Set(grouped);
  const order = [...grouped, ...faces.filter((face) => !groupedSet.has(face))];
  let next = 0;
  const known = groups.map(({ members, cover }) => {
    const positions = members.map((_, i) => next + i);
    next += members.length;
    return { members: positions, representative: positions[members.indexOf(cover)] ?? (positions[0] as number) };
  });
  return { order, known };
}

function without(groups: readonly Group[], faces: readonly number[], qualityOf: (face: number) => number): Group[] {
  const removed = new Set(faces);
  return groups.flatMap((group) => {
    const members = group.members.filter((face) => !removed.has(face));
    if (members.length === group.members.length) return [group];
    if (members.length === 0) return [];
    return [{ ...group, members, cover: removed.has(group.cover) ? best(members, qualityOf) : group.cover }];
  });
}

function best(faces: readonly number[], qualityOf: (face: number) => number): number {
  return faces.reduce((a, b) => (qualityOf(b) > qualityOf(a) ? b : a));
}

function sorted(groups: readonly Group[]): Group[] {
  return [...groups].sort((a, b) => b.members.length - a.members.length || a.id - b.id);
}
