/** A place in the plot, 0 to 1 from the left and from the top. */
export interface Place {
  x: number;
  y: number;
}

/** How much room is left at the edges, as a share. */
const margin = 0.06;

/**
 * Brings points of any extent into the plot, both directions by one scale, so that distances stay comparable.
 *
 * @param points as x and y; at least one.
 * @param aspect the plot's width through its height.
 */
export function fitToPlot(points: readonly { x: number; y: number }[], aspect: number): Place[] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (1 - 2 * margin) / Math.max((right - left) / aspect, bottom - top, 1e-9);
  return points.map(({ x, y }) => ({
    x: 0.5 + ((x - (left + right) / 2) * scale) / aspect,
    y: 0.5 + (y - (top + bottom) / 2) * scale,
  }));
}

/** Where an arrow key leads: the nearest point in that direction; undefined for another key, or where there is none. */
export function neighbourInDirection(key: string, places: readonly Place[], from: number): number | undefined {
  const directions: Record<string, Place> = {
    ArrowLeft: { x: -1, y: 0 },
    ArrowRight: { x: 1, y: 0 },
    ArrowUp: { x: 0, y: -1 },
    ArrowDown: { x: 0, y: 1 },
  };
  const [here, direction] = [places[from], directions[key]];
  if (!here || !direction) return undefined;
  let [best, least] = [undefined as number | undefined, Number.POSITIVE_INFINITY];
  for (const [i, { x, y }] of places.entries()) {
    const [dx, dy] = [x - here.x, y - here.y];
    const along = dx * direction.x + dy * direction.y;
    const aside = Math.abs(dx * direction.y + dy * direction.x);
    // What lies more to the side than ahead is another key's.
    if (i === from || along <= 0 || aside > 2 * along) continue;
    const cost = along + 2 * aside;
    if (cost < least) [best, least] = [i, cost];
  }
  return best;
}
