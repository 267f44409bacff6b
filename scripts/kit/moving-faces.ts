import type { Box } from '../../lib/index.ts';

/** A person in a synthetic video, cut out of a photo. */
export interface Actor {
  /** The photo's address. */
  photo: string;
  /** The face in the photo, in its pixels. */
  box: Box;
  /** The mean position of the face's centre and the amplitude of its movement, in pixels of the video. */
  x: number;
  y: number;
  sway: number;
  /** The period of the movement, in milliseconds. */
  period: number;
  /** The side of the face in pixels of the video. */
  size: number;
  /** The intervals in which the person is visible, in milliseconds from the start of the video. */
  seen: readonly (readonly [from: number, to: number])[];
}

/** A synthetic video that is playing. */
export interface MovingFaces {
  video: HTMLVideoElement;
  /** The start of the video, as a time of `performance.now()`. */
  startedAt: number;
  stop(): void;
}

/**
 * Runs in the page. Plays a video of 640 × 480 pixels in which faces cut out of photos move. It is sent to pages as its own
 * source text and cannot use other functions of a module: its last lines, which play a canvas as a video, are repeated in
 * startAnimatedFace.
 *
 * @param fps the number of frames a second.
 */
export async function startMovingFaces(actors: readonly Actor[], fps = 30): Promise<MovingFaces> {
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
  const timer = setInterval(draw, 1000 / fps);
  const video = document.createElement('video');
  video.muted = true;
  const stream = canvas.captureStream(fps);
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
