import type { Box } from '../../lib/index.ts';

/** Somebody in a video that is made of photos. */
export interface Actor {
  /** The photo's address. */
  photo: string;
  /** The face in the photo, in its pixels. */
  box: Box;
  /** Where the middle of the face is on the average, in pixels of the video, and how far and how fast it sways. */
  x: number;
  y: number;
  sway: number;
  /** Milliseconds of one sway to and fro. */
  period: number;
  /** The side of the face in pixels of the video. */
  size: number;
  /** The milliseconds, from the start of the video on, between which the actor is in view. */
  seen: readonly (readonly [from: number, to: number])[];
}

/** A made video that runs. */
export interface MovingFaces {
  video: HTMLVideoElement;
  /** When it started, in milliseconds of `performance.now()`. */
  startedAt: number;
  stop(): void;
}

/**
 * Runs in the page: a video of 640 × 480 pixels at 30 frames a second, in which heads cut out of photos move about. It goes there
 * as its own text (`toString()`), into pages of half a dozen tests and tools, and so stands alone: its last lines, which make a
 * canvas a video, are startAnimatedFace's too, since a function that both import would not be there.
 */
export async function startMovingFaces(actors: readonly Actor[]): Promise<MovingFaces> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const heads = await Promise.all(
    actors.map(async ({ photo, box: { x, y, width, height } }) => {
      const side = 2 * Math.max(width, height);
      const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
      return createImageBitmap(bitmap, x + width / 2 - side / 2, y + height / 2 - side / 2, side, side);
    }),
  );
  const startedAt = performance.now();
  const draw = () => {
    const now = performance.now() - startedAt;
    context.fillStyle = '#8a8f98';
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (const [i, { x, y, sway, period, size, seen }] of actors.entries()) {
      if (!seen.some(([from, to]) => now >= from && now < to)) continue;
      const angle = (2 * Math.PI * now) / period;
      const [left, top] = [x + sway * Math.sin(angle) - size, y + (sway / 3) * Math.cos(angle) - size];
      context.drawImage(heads[i] as ImageBitmap, left, top, 2 * size, 2 * size);
    }
  };
  draw();
  const timer = setInterval(draw, 1000 / 30);
  const video = document.createElement('video');
  video.muted = true;
  const stream = canvas.captureStream(30);
  video.srcObject = stream;
  await video.play();
  const stop = () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    for (const head of heads) head.close();
  };
  return { video, startedAt, stop };
}
