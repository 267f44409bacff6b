import type { Cluster } from 'facenet-web/clustering';

/** The faces of one person, as clustering found them or as somebody put them together by hand. */
export interface Group {
  /** Stays the same while the group grows and is renamed. */
  id: number;
  /** Empty until somebody says who it is. */
  name: string;
  /** The numbers of its faces, at least one. */
  members: readonly number[];
  /** The face that stands best for it. */
  cover: number;
}

/** Groups, largest first, and the id that the next new one gets. */
export interface Grouping {
  groups: readonly Group[];
  nextId: number;
}

export const emptyGrouping: Grouping = { groups: [], nextId: 1 };

/**
 * New clusters in place of the groups that there are: each keeps the id and name of the group that most of its faces were in,
 * and no group's is given away twice.
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
    const [heir] = [...shares].sort((a, b) => b[1] - a[1])[0] ?? [];
    if (heir) taken.add(heir);
    return { id: heir?.id ?? nextId++, name: heir?.name ?? '', members, cover: representative };
  });
  return { groups: sorted(groups), nextId };
}

/**
 * Several groups made one. It keeps the id of the largest, and the name of the largest that has one.
 */
export function merged(grouping: Grouping, ids: readonly number[]): Grouping {
  const chosen = grouping.groups.filter(({ id }) => ids.includes(id));
  const [first] = chosen;
  if (!first || chosen.length < 2) return grouping;
  const one: Group = {
    ...first,
    name: chosen.find(({ name }) => name)?.name ?? '',
    members: chosen.flatMap(({ members }) => members).sort((a, b) => a - b),
  };
  return { ...grouping, groups: sorted([one, ...grouping.groups.filter((group) => !chosen.includes(group))]) };
}

/**
 * Faces put together as a group of their own, wherever they were before, in a group or in none.
 *
 * @param qualityOf 0 to 1; the best of the faces becomes the cover of what has lost its own.
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

/** Faces moved into a group, wherever they were before. */
export function moved(
  grouping: Grouping,
  faces: readonly number[],
  into: number,
  qualityOf: (face: number) => number,
): Grouping {
  const target = grouping.groups.find(({ id }) => id === into);
  const strangers = faces.filter((face) => !target?.members.includes(face));
  if (!target || strangers.length === 0) return grouping;
  const groups = without(grouping.groups, strangers, qualityOf).map((group) =>
    group.id === into ? { ...group, members: [...group.members, ...strangers].sort((a, b) => a - b) } : group,
  );
  return { ...grouping, groups: sorted(groups) };
}

export function renamed(grouping: Grouping, id: number, name: string): Grouping {
  return { ...grouping, groups: grouping.groups.map((group) => (group.id === id ? { ...group, name } : group)) };
}

/** What clustering must be told to leave the groups as they are and let other faces join: faces in the order that it wants. */
export function toKnownClusters({ groups }: Grouping, faces: readonly number[]): { order: number[]; known: Cluster[] } {
  const grouped = groups.flatMap(({ members }) => members);
  const here = new Set(grouped);
  const order = [...grouped, ...faces.filter((face) => !here.has(face))];
  let next = 0;
  const known = groups.map(({ members, cover }) => {
    const places = members.map((_, i) => next + i);
    next += members.length;
    return { members: places, representative: places[members.indexOf(cover)] ?? (places[0] as number) };
  });
  return { order, known };
}

function without(groups: readonly Group[], faces: readonly number[], qualityOf: (face: number) => number): Group[] {
  const gone = new Set(faces);
  return groups.flatMap((group) => {
    const members = group.members.filter((face) => !gone.has(face));
    if (members.length === group.members.length) return [group];
    if (members.length === 0) return [];
    return [{ ...group, members, cover: gone.has(group.cover) ? best(members, qualityOf) : group.cover }];
  });
}

function best(faces: readonly number[], qualityOf: (face: number) => number): number {
  return faces.reduce((a, b) => (qualityOf(b) > qualityOf(a) ? b : a));
}

function sorted(groups: readonly Group[]): Group[] {
  return [...groups].sort((a, b) => b.members.length - a.members.length || a.id - b.id);
}
