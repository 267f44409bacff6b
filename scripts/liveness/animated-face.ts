import type { Box, Landmarks, Point } from '../../lib/index.ts';

/** The pose and the eyes of an animated face: angles in radians, to the right of the image and down. */
export interface Performance {
  yaw: number;
  pitch: number;
  closed: boolean;
}

/** A synthetic video of one animated photo. */
export interface AnimatedFace {
  video: HTMLVideoElement;
  /** The target pose. Set its fields, do not replace the object. The head approaches the pose over several frames. */
  performance: Performance;
  stop(): void;
}

/** The functions that {@link startAnimatedFace} calls, for definePageFunctions. */
export const animatedFaceFunctions = { drawHead, drawClosedEye, createHeadPainter, unrolled };

/**
 * Runs in the page. Plays a video of 640 × 480 pixels in which the head of one photo turns, nods and blinks: the photo is
 * bent over a rotating cylinder, and lids are painted over the eyes. This deceives an active challenge. The last lines,
 * which play a canvas as a video, are repeated in startMovingFaces.
 */
export async function startAnimatedFace(
  photo: string,
  face: { box: Box; landmarks: Landmarks },
): Promise<AnimatedFace> {
  const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
  const heads = { open: drawHead(bitmap, face, false), closed: drawHead(bitmap, face, true) };
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const draw = createHeadPainter(canvas, heads);
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

/** Runs in the page: draws the head on a canvas of 400 × 400 pixels, with open or painted eyes. */
function drawHead(
  bitmap: ImageBitmap,
  { box: { x, y, width, height }, landmarks }: { box: Box; landmarks: Landmarks },
  closed: boolean,
): HTMLCanvasElement {
  const size = 400;
  const side = 2.2 * Math.max(width, height);
  const [left, top] = [x + width / 2 - side / 2, y + height / 2 - side / 2];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.drawImage(bitmap, left, top, side, side, 0, 0, size, size);
  if (!closed) return canvas;
  const pointAt = (index: number): Point => {
    const point = landmarks.points[index] as Point;
    return { x: ((point.x - left) * size) / side, y: ((point.y - top) * size) / side };
  };
  // In the mesh: both corners of the eye, the middles of the lower and upper lid, and skin of the lid.
  for (const indices of [
    [33, 133, 145, 159, 223],
    [362, 263, 374, 386, 443],
  ]) {
    const [from, to, low, high, lid] = indices.map(pointAt) as [Point, Point, Point, Point, Point];
    drawClosedEye(context, { from, to, low, high, lid });
  }
  return canvas;
}

/** Runs in the page: paints a lid in the colour of the skin, and its lashes. */
function drawClosedEye(
  context: CanvasRenderingContext2D,
  { from, to, low, high, lid }: Record<'from' | 'to' | 'low' | 'high' | 'lid', Point>,
): void {
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

/** Runs in the page. A function that draws a head in a pose: bent over a vertical and then over a horizontal cylinder. */
function createHeadPainter(
  canvas: HTMLCanvasElement,
  heads: { open: HTMLCanvasElement; closed: HTMLCanvasElement },
): (performance: Performance) => void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const { width: size } = heads.open;
  const bent = document.createElement('canvas');
  [bent.width, bent.height] = [size, size];
  const bentContext = bent.getContext('2d') as CanvasRenderingContext2D;
  return ({ yaw, pitch, closed }) => {
    const source = closed ? heads.closed : heads.open;
    for (let column = 0; column < size; column += 2) {
      const from = size / 2 + unrolled(column + 1 - size / 2, yaw, 0.27 * size);
      bentContext.drawImage(source, from - 1, 0, 2, size, column, 0, 2, size);
    }
    context.fillStyle = '#8a8f98';
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (let row = 0; row < size; row += 2) {
      const from = size / 2 + unrolled(row + 1 - size / 2, pitch, 0.36 * size);
      context.drawImage(bent, 0, from - 1, size, 2, 120, 40 + row, size, 2);
    }
  };
}

/** Runs in the page. The offset of a point from the axis of a cylinder before a rotation; unchanged outside the cylinder. */
function unrolled(offset: number, angle: number, radius: number): number {
  if (Math.abs(offset) >= radius) return offset;
  const rotated = Math.asin(offset / radius) - angle;
  return radius * Math.sin(Math.max(-Math.PI / 2, Math.min(Math.PI / 2, rotated)));
}
