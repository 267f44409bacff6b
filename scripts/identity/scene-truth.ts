import type { Box } from '../../lib/index.ts';
import type { Scene, SceneTruth } from './scene.ts';
import { positionAt } from './scene-drawing.ts';

/** Runs in the page. */
export function boundsOfPoints(points: readonly { x: number; y: number }[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Runs in the page: the bounds of the landmarks of each face in the scene. */
export function truthOf(scene: Scene, time: number): SceneTruth[] {
  const boxes = scene.actors.map((actor): Box | undefined => {
    const position = positionAt(actor, time);
    if (!position) return undefined;
    const { box, bounds } = actor.face;
    const scale = actor.size / Math.max(box.width, box.height);
    const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const side = 2 * actor.size;
    // The edges of the face turn with the cylinder.
    const [left, right] = [bounds.x, bounds.x + bounds.width].map((edge) => {
      const phi = Math.asin(Math.max(-1, Math.min(1, ((edge - centre.x) * scale) / (side / 2))));
      return position.x + (Math.sin(Math.max(-Math.PI / 2, Math.min(Math.PI / 2, phi + position.angle))) * side) / 2;
    }) as [number, number];
    const y = position.y + (bounds.y - centre.y) * scale;
    return { x: left, y, width: right - left, height: bounds.height * scale };
  });
  return scene.actors.flatMap(({ face }, i) => {
    const box = boxes[i];
    if (!box) return [];
    // Heads are twice as large as their faces.
    const inFront = scene.actors.slice(i + 1).flatMap((other, n) => {
      const position = positionAt(other, time);
      return boxes[i + 1 + n] && position
        ? [{ x: position.x - other.size, y: position.y - other.size, width: 2 * other.size, height: 2 * other.size }]
        : [];
    });
    const covers = [
      ...inFront,
      ...(scene.bars ?? []).map(({ x, width }) => ({ x, y: 0, width, height: scene.height })),
    ];
    return [{ id: face.name, box, ignored: coveredShare(box, covers, scene) > 0.3 }];
  });
}

/** Runs in the page: the share of a box that others cover or that is outside the frame, from a grid of points. */
export function coveredShare(
  box: Box,
  covers: readonly Box[],
  { width, height }: { width: number; height: number },
): number {
  const steps = 12;
  let covered = 0;
  for (let i = 0; i < steps * steps; i++) {
    const x = box.x + (((i % steps) + 0.5) / steps) * box.width;
    const y = box.y + ((Math.floor(i / steps) + 0.5) / steps) * box.height;
    const outside = x < 0 || y < 0 || x >= width || y >= height;
    const inCover = covers.some((c) => x >= c.x && x < c.x + c.width && y >= c.y && y < c.y + c.height);
    if (outside || inCover) covered++;
  }
  return covered / (steps * steps);
}
