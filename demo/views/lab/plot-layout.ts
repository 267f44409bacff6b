/** A position in the plot, as shares of its width and height, 0 to 1, from the top left corner. */
export interface PlotPosition {
  x: number;
  y: number;
}

/** The margin at each edge, as a share of the plot's size. On a phone, half of a picture is a twelfth of the height. */
const margin = 0.1;

/**
 * Scales and centres points to fit into the plot. Both directions have the same scale, so that distances stay comparable.
 *
 * @param points at least one.
 * @param aspect the plot's width divided by its height.
 */
export function fitToPlot(points: readonly { x: number; y: number }[], aspect: number): PlotPosition[] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (1 - 2 * margin) / Math.max((right - left) / aspect, bottom - top, 1e-9);
  return points.map(({ x, y }) => ({
    x: 0.5 + ((x - (left + right) / 2) * scale) / aspect,
    y: 0.5 + (y - (top + bottom) / 2) * scale,
  }));
}

/** The index of the nearest point in an arrow key's direction. Undefined for other keys and if there is no such point. */
export function neighbourInDirection(
  key: string,
  positions: readonly PlotPosition[],
  from: number,
): number | undefined {
  const directions: Record<string, PlotPosition> = {
    ArrowLeft: { x: -1, y: 0 },
    ArrowRight: { x: 1, y: 0 },
    ArrowUp: { x: 0, y: -1 },
    ArrowDown: { x: 0, y: 1 },
  };
  const [start, direction] = [positions[from], directions[key]];
  if (!start || !direction) return undefined;
  let [best, minCost] = [undefined as number | undefined, Number.POSITIVE_INFINITY];
  for (const [i, { x, y }] of positions.entries()) {
    const [dx, dy] = [x - start.x, y - start.y];
    const along = dx * direction.x + dy * direction.y;
    const aside = Math.abs(dx * direction.y + dy * direction.x);
    // Points further aside than twice the distance ahead belong to another key.
    if (i === from || along <= 0 || aside > 2 * along) continue;
    const cost = along + 2 * aside;
    if (cost < minCost) [best, minCost] = [i, cost];
  }
  return best;
}
