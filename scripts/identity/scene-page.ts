import type { Gallery } from '../../lib/gallery/index.ts';
import type { Box, FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Scene, SceneActor, SceneFace, SceneFrame, SceneTruth } from './scene.ts';

/** The functions that {@link watchScene} calls, for definePageFunctions. */
export const sceneFunctions = {
  headOf,
  positionAt,
  drawTurned,
  drawScene,
  truthOf,
  coveredShare,
  sceneVideo,
  boundsOfPoints,
};

declare const facenet: FaceNetClass;
declare const gallery: Gallery;

/** Runs in the page once, after the faces of the photos were enrolled: locates the landmarks of each. */
export async function locateFaces(faces: { name: string; photo: string; box: Box }[]): Promise<SceneFace[]> {
  const located: SceneFace[] = [];
  for (const face of faces) {
    const bitmap = await createImageBitmap(await (await fetch(face.photo)).blob());
    const [landmarks] = await facenet.landmarks(bitmap, [{ box: face.box, score: 1, roll: 0 }]);
    if (landmarks) located.push({ ...face, bounds: boundsOfPoints(landmarks.landmarks.points) });
  }
  return located;
}

/** Runs in the page. */
function boundsOfPoints(points: readonly { x: number; y: number }[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Runs in the page: draws a scene frame by frame, watches it in virtual time, and returns what was drawn and what was tracked. */
export async function watchScene(scene: Scene): Promise<SceneFrame[]> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [scene.width, scene.height];
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const heads = await Promise.all(scene.actors.map(({ face }) => headOf(face)));
  const { video, showFrame, replaceSource, stop } = sceneVideo(context);
  let shown = 0;
  const realNow = performance.now;
  const frames: SceneFrame[] = [];
  let time = 0;
  let event = scene.event;
  const watching = facenet.watch(video, { gallery })[Symbol.asyncIterator]();
  performance.now = () => time;
  try {
    for (; time < scene.duration; time += 1000 / scene.fps) {
      drawScene(context, scene, heads, time);
      const truth = truthOf(scene, time);
      if (event && time >= event.time) {
        if (event.type === 'source') replaceSource();
        else video.dispatchEvent(new Event('seeked'));
        event = undefined;
      }
      await showFrame(++shown);
      const start = realNow.call(performance);
      const { value } = await watching.next();
      if (!value) throw new Error(`The scene "${scene.name}" ended at ${time} ms.`);
      const { detection = 0, landmarks = 0, embedding = 0 } = value.elapsed;
      const tracked = value.faces.map(({ id, box, identity }) => ({
        id,
        box,
        label: identity?.status === 'known' ? identity.person.name : `${identity?.status}`,
      }));
      const networks = detection + landmarks + embedding;
      frames.push({ time, truth, tracked, networks, total: realNow.call(performance) - start });
    }
  } finally {
    performance.now = realNow;
    await watching.return?.();
    stop();
    for (const head of heads) head.close();
  }
  return frames;
}

/** Runs in the page: a video element that shows a canvas. */
function sceneVideo(context: CanvasRenderingContext2D) {
  const { canvas } = context;
  const video = document.createElement('video');
  video.muted = true;
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  let track: CanvasCaptureMediaStreamTrack | undefined;
  const replaceSource = () => {
    track?.stop();
    const stream = canvas.captureStream(0);
    [track] = stream.getVideoTracks() as [CanvasCaptureMediaStreamTrack];
    video.srcObject = stream;
    void video.play().catch(() => {});
  };
  /** Shows the canvas, with a grey level that numbers the frame in a corner, and waits until the video has that frame. */
  const showFrame = async (number: number) => {
    const level = 32 * (number % 8);
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    context.fillRect(0, 0, 16, 16);
    // The library learns of the frame by the same callback: the measured times do not include the wait for it.
    const presented = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    track?.requestFrame();
    for (let tries = 1; ; tries++) {
      probe?.drawImage(video, 4, 4, 8, 8, 0, 0, 1, 1);
      if (video.readyState >= 2 && Math.abs((probe?.getImageData(0, 0, 1, 1).data[0] ?? 0) - level) < 12) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (tries % 40 === 0) track?.requestFrame();
    }
    await Promise.race([presented, new Promise((resolve) => setTimeout(resolve, 50))]);
  };
  const stop = () => {
    track?.stop();
    video.srcObject = null;
  };
  replaceSource();
  return { video, showFrame, replaceSource, stop };
}

/** Runs in the page: the face and its surroundings, a square of twice the face's side. */
async function headOf({ photo, box: { x, y, width, height } }: SceneFace): Promise<ImageBitmap> {
  const side = 2 * Math.max(width, height);
  const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
  return createImageBitmap(bitmap, x + width / 2 - side / 2, y + height / 2 - side / 2, side, side);
}

/** Runs in the page: the centre of a face, and the angle of its turn in radians; undefined while it is not in the scene. */
function positionAt(
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
function drawScene(context: CanvasRenderingContext2D, scene: Scene, heads: readonly ImageBitmap[], time: number): void {
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
function drawTurned(
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

/** Runs in the page: the bounds of the landmarks of each face in the scene. */
function truthOf(scene: Scene, time: number): SceneTruth[] {
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
function coveredShare(box: Box, covers: readonly Box[], { width, height }: { width: number; height: number }): number {
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
