import { roundHalfEven } from '../../core/math.ts';
import type { Box } from '../../core/types.ts';

/** Windows that show the same object. */
export interface Group {
  /** The mean of the windows. */
  box: Box;
  /** The number of windows. */
  count: number;
}

/** The maximum distance between the edges of similar windows, as a share of the smaller side. (OpenCV's `eps`) */
const tolerance = 0.2;

/**
 * Groups the windows that a sliding-window detector found around each object, like OpenCV's groupRectangles: windows
 * with nearly the same edges are similar, the connected components of similar windows are groups, and a group inside a
 * larger one is dropped.
 *
 * @param minCount the minimum number of windows in a group, at least 1. Smaller groups are dropped.
 * @returns the groups, in the order of their first windows.
 */
export function groupWindows(windows: readonly Box[], minCount: number): Group[] {
  const members = new Map<number, Box[]>();
  const labels = partition(windows);
  windows.forEach((box, i) => {
    const label = labels[i] as number;
    const group = members.get(label);
    if (group) group.push(box);
    else members.set(label, [box]);
  });
  const groups = [...members.values()]
    .filter(({ length }) => length >= minCount)
    .map((boxes) => ({ box: meanOf(boxes), count: boxes.length }));
  return groups.filter((group) => !groups.some((other) => other !== group && contains(other, group)));
}

/** The first window of each window's connected component, by union-find. */
function partition(windows: readonly Box[]): Int32Array {
  const parents = Int32Array.from(windows, (_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      // Path halving keeps later searches short.
      parents[root] = parents[parents[root] as number] as number;
      root = parents[root] as number;
    }
    return root;
  };
  for (let i = 0; i < windows.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!isSimilar(windows[i] as Box, windows[j] as Box)) continue;
      const [a, b] = [rootOf(i), rootOf(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents.map((_, i) => rootOf(i));
}

function isSimilar(a: Box, b: Box): boolean {
  const slack = tolerance * 0.5 * (Math.min(a.width, b.width) + Math.min(a.height, b.height));
  return (
    Math.abs(a.x - b.x) <= slack &&
    Math.abs(a.y - b.y) <= slack &&
    Math.abs(a.x + a.width - b.x - b.width) <= slack &&
    Math.abs(a.y + a.height - b.y - b.height) <= slack
  );
}

/**
 * Whether a group is inside another one that has more windows, or more than 3 if the inner one has fewer than 3.
 * (OpenCV)
 */
function contains(outer: Group, inner: Group): boolean {
  if (outer.count <= Math.max(3, inner.count) && inner.count >= 3) return false;
  const [a, b] = [outer.box, inner.box];
  const [dx, dy] = [roundHalfEven(a.width * tolerance), roundHalfEven(a.height * tolerance)];
  return (
    b.x >= a.x - dx && b.y >= a.y - dy && b.x + b.width <= a.x + a.width + dx && b.y + b.height <= a.y + a.height + dy
  );
}

/** The mean of the windows, in whole pixels: OpenCV multiplies the sum by a 32-bit reciprocal and rounds. */
function meanOf(boxes: readonly Box[]): Box {
  const share = Math.fround(1 / boxes.length);
  const mean = (of: (box: Box) => number) =>
    roundHalfEven(Math.fround(boxes.reduce((sum, box) => sum + of(box), 0) * share));
  return {
    x: mean(({ x }) => x),
    y: mean(({ y }) => y),
    width: mean(({ width }) => width),
    height: mean(({ height }) => height),
  };
}
