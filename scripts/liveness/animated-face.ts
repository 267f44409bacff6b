import type { Box, Landmarks } from '../../lib/index.ts';

/** What an animated face does now: angles in radians, to the right of the picture and down; eyes open or closed. */
export interface Performance {
  yaw: number;
  pitch: number;
  closed: boolean;
}

/** A made video of one photo, animated. */
export interface AnimatedFace {
  video: HTMLVideoElement;
  /** Written by whoever directs it; the head goes there in some frames, as heads do. */
  performance: Performance;
  stop(): void;
}

/**
 * Runs in the page: a video of 640 × 480 pixels in which the head of one photo turns, nods and blinks: the photo is bent over a
 * barrel, which is rolled, and lids are painted over its eyes. So little deceives an active challenge. Like startMovingFaces it
 * goes there as its own text, and ends in the same lines for that reason.
 */
export async function startAnimatedFace(
  photo: string,
  face: { box: Box; landmarks: Landmarks },
): Promise<AnimatedFace> {
  const { x, y, width, height } = face.box;
  const side = 2.2 * Math.max(width, height);
  const [left, top] = [x + width / 2 - side / 2, y + height / 2 - side / 2];
  const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
  /** The head with 400 pixels to a side, with lids painted or not. */
  const size = 400;
  const head = (closed: boolean) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [size, size];
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(bitmap, left, top, side, side, 0, 0, size, size);
    if (!closed) return canvas;
    const at = (index: number) => {
      const point = face.landmarks.points[index] as { x: number; y: number };
      return { x: ((point.x - left) * size) / side, y: ((point.y - top) * size) / side };
    };
    // Corner, corner, middle of the lower lid, and skin of the lid, in the mesh's numbers.
    for (const [a, b, below, above, skin] of [
      [33, 133, 145, 159, 223],
      [362, 263, 374, 386, 443],
    ] as const) {
      const [from, to, low, high, lid] = [at(a), at(b), at(below), at(above), at(skin)];
      const wide = Math.hypot(to.x - from.x, to.y - from.y);
      const [red = 0, green = 0, blue = 0] = context.getImageData(lid.x, lid.y, 1, 1).data;
      const [middle, tall] = [{ x: (from.x + to.x) / 2, y: (low.y + high.y) / 2 }, Math.abs(low.y - high.y)];
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
      context.beginPath();
      context.ellipse(middle.x, middle.y, wide * 0.62, tall * 0.5 + wide * 0.16, 0, 0, 2 * Math.PI);
      context.fill();
      context.strokeStyle = 'rgb(40 25 20)';
      context.lineWidth = wide * 0.08;
      context.beginPath();
      context.moveTo(from.x, from.y + tall * 0.3);
      context.quadraticCurveTo(middle.x, low.y + tall * 0.5, to.x, to.y + tall * 0.3);
      context.stroke();
    }
    return canvas;
  };
  const heads = { open: head(false), closed: head(true) };
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const bent = document.createElement('canvas');
  [bent.width, bent.height] = [size, size];
  const bending = bent.getContext('2d') as CanvasRenderingContext2D;
  /** Where a place on a barrel comes from, in pixels from its middle, when it has been rolled by an angle; beside it all stays. */
  const before = (place: number, angle: number, radius: number) => {
    if (Math.abs(place) >= radius) return place;
    const rolled = Math.asin(place / radius) - angle;
    return radius * Math.sin(Math.max(-Math.PI / 2, Math.min(Math.PI / 2, rolled)));
  };
  const draw = ({ yaw, pitch, closed }: Performance) => {
    const source = closed ? heads.closed : heads.open;
    for (let column = 0; column < size; column += 2) {
      const from = size / 2 + before(column + 1 - size / 2, yaw, 0.27 * size);
      bending.drawImage(source, from - 1, 0, 2, size, column, 0, 2, size);
    }
    context.fillStyle = '#8a8f98';
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (let row = 0; row < size; row += 2) {
      const from = size / 2 + before(row + 1 - size / 2, pitch, 0.36 * size);
      context.drawImage(bent, 0, from - 1, size, 2, 120, 40 + row, size, 2);
    }
  };
  const performance: Performance = { yaw: 0, pitch: 0, closed: false };
  draw(performance);
  const now = { ...performance };
  const timer = setInterval(() => {
    const { yaw, pitch, closed } = performance;
    now.yaw += (yaw - now.yaw) / 3;
    now.pitch += (pitch - now.pitch) / 3;
    now.closed = closed;
    draw(now);
  }, 1000 / 15);
  const video = document.createElement('video');
  video.muted = true;
  const stream = canvas.captureStream(15);
  video.srcObject = stream;
  await video.play();
  const stop = () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    bitmap.close();
  };
  return { video, performance, stop };
}
