import type { Box } from '../../core/types.ts';

/** Windows that were taken for the same thing, as one. */
export interface Group {
  /** The mean of the windows. */
  box: Box;
  /** How many there are. */
  count: number;
}

/** By how much the edges of two windows may differ, in sides of the smaller, and still mean the same. (OpenCV's `eps`) */
const tolerance = 0.2;

/**
 * Brings together the windows that a sliding detector found around each object, by OpenCV's groupRectangles: windows whose
 * edges all but agree are alike, all that are linked by likeness are a group, and a group that lies inside a greater one
 * goes.
 *
 * @param fewest the windows that a group must have; what fewer agree on is chance. At least 1.
 * @returns the groups, in the order of their first windows.
 */
export function groupWindows(windows: readonly Box[], fewest: number): Group[] {
  const members = new Map<number, Box[]>();
  const labels = partition(windows);
  windows.forEach((box, i) => {
    const label = labels[i] as number;
    const group = members.get(label);
    if (group) group.push(box);
    else members.set(label, [box]);
  });
  const groups = [...members.values()]
    .filter(({ length }) => length >= fewest)
    .map((boxes) => ({ box: meanOf(boxes), count: boxes.length }));
  return groups.filter((group) => !groups.some((other) => other !== group && swallows(other, group)));
}

/** For each window the first of those that it is linked with, by whatever number of steps. (Union-find) */
function partition(windows: readonly Box[]): Int32Array {
  const parents = Int32Array.from(windows, (_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      // Halving the path keeps later walks short.
      parents[root] = parents[parents[root] as number] as number;
      root = parents[root] as number;
    }
    return root;
  };
  for (let i = 0; i < windows.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!alike(windows[i] as Box, windows[j] as Box)) continue;
      const [a, b] = [rootOf(i), rootOf(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents.map((_, i) => rootOf(i));
}

function alike(a: Box, b: Box): boolean {
  const slack = tolerance * 0.5 * (Math.min(a.width, b.width) + Math.min(a.height, b.height));
  return (
    Math.abs(a.x - b.x) <= slack &&
    Math.abs(a.y - b.y) <= slack &&
    Math.abs(a.x + a.width - b.x - b.width) <= slack &&
    Math.abs(a.y + a.height - b.y - b.height) <= slack
  );
}

/** Whether a group lies inside another that has more windows, and more than chance gives. */
function swallows(outer: Group, inner: Group): boolean {
  if (outer.count <= Math.max(3, inner.count) && inner.count >= 3) return false;
  const [a, b] = [outer.box, inner.box];
  const [dx, dy] = [a.width * tolerance, a.height * tolerance];
  return (
    b.x >= a.x - dx && b.y >= a.y - dy && b.x + b.width <= a.x + a.width + dx && b.y + b.height <= a.y + a.height + dy
  );
}

function meanOf(boxes: readonly Box[]): Box {
  const mean = (of: (box: Box) => number) => boxes.reduce((sum, box) => sum + of(box), 0) / boxes.length;
  return {
    x: mean(({ x }) => x),
    y: mean(({ y }) => y),
    width: mean(({ width }) => width),
    height: mean(({ height }) => height),
  };
}
