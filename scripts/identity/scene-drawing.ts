import type { Scene, SceneActor, SceneFace } from './scene.ts';

/** Runs in the page: the face and its surroundings, a square of twice the face's side. */
export async function headOf({ photo, box: { x, y, width, height } }: SceneFace): Promise<ImageBitmap> {
  const side = 2 * Math.max(width, height);
  const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
  return createImageBitmap(bitmap, x + width / 2 - side / 2, y + height / 2 - side / 2, side, side);
}

/** Runs in the page: the centre of a face, and the angle of its turn in radians; undefined while it is not in the scene. */
export function positionAt(
  { path, sway, turn, from = 0, to = Number.POSITIVE_INFINITY }: SceneActor,
  time: number,
): { x: number; y: number; angle: number } | undefined {
  if (time < from || time >= to) return undefined;
  const next = path.findIndex((point) => point.time > time);
  const [a, b] = next < 0 ? [path.at(-1), path.at(-1)] : [path[Math.max(0, next - 1)], path[next]];
  if (!a || !b) return undefined;
  const share = b.time > a.time ? Math.max(0, (time - a.time) / (b.time - a.time)) : 0;
  const phase = sway ? (2 * Math.PI * time) / sway.period : 0;
  const turned = turn ? Math.sin((2 * Math.PI * time) / turn.period) * ((turn.amplitude * Math.PI) / 180) : 0;
  return {
    x: a.x + share * (b.x - a.x) + (sway?.amplitude ?? 0) * Math.sin(phase),
    y: a.y + share * (b.y - a.y) + ((sway?.amplitude ?? 0) / 3) * Math.cos(phase),
    angle: turned,
  };
}

/** Runs in the page. */
export function drawScene(
  context: CanvasRenderingContext2D,
  scene: Scene,
  heads: readonly ImageBitmap[],
  time: number,
): void {
  context.globalAlpha = 1;
  context.fillStyle = '#8a8f98';
  context.fillRect(0, 0, scene.width, scene.height);
  const exposures = scene.blurred ? 6 : 1;
  for (const [i, actor] of scene.actors.entries()) {
    for (let e = 0; e < exposures; e++) {
      const position = positionAt(actor, time + (e / exposures) * (1000 / scene.fps));
      if (!position) continue;
      // Each exposure has the same weight in the mean.
      context.globalAlpha = 1 / (e + 1);
      drawTurned(context, heads[i] as ImageBitmap, position, 2 * actor.size);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = '#2d2a26';
  for (const { x, width } of scene.bars ?? []) context.fillRect(x, 0, width, scene.height);
}

/** Runs in the page: draws a head on a cylinder that is turned by an angle, in vertical strips. */
export function drawTurned(
  context: CanvasRenderingContext2D,
  head: ImageBitmap,
  { x, y, angle }: { x: number; y: number; angle: number },
  side: number,
): void {
  if (angle === 0) {
    context.drawImage(head, x - side / 2, y - side / 2, side, side);
    return;
  }
  const strips = 48;
  for (let s = 0; s < strips; s++) {
    const [from, to] = [s, s + 1].map((edge) => Math.PI * (edge / strips - 0.5)) as [number, number];
    // The far side of the cylinder is hidden.
    if (Math.cos((from + to) / 2 + angle) <= 0) continue;
    const [u0, u1] = [from, to].map((phi) => ((Math.sin(phi) + 1) / 2) * head.width) as [number, number];
    const [x0, x1] = [from, to].map((phi) => x + (Math.sin(phi + angle) * side) / 2) as [number, number];
    context.drawImage(head, u0, 0, u1 - u0, head.height, x0, y - side / 2, x1 - x0 + 0.5, side);
  }
}
