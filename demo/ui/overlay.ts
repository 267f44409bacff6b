import type { Box, Point } from 'facenet-web';

/** How a face is marked: plainly, as the one that is meant, or as somebody who is known. */
export type Tone = 'plain' | 'accent';

/** Lines of two tones can be seen on any picture: the dark one lies under the light one. */
const tones: Record<Tone | 'under', string> = { under: 'rgb(8 10 18 / 0.55)', plain: '#ffffff', accent: '#a9b6ff' };

/** What is drawn of a face. */
export interface Mark {
  box: Box;
  tone: Tone;
  landmarks?: readonly Point[] | undefined;
}

/** The context of a canvas that was cleared and given as many pixels as the screen shows of it; undefined while it shows none. */
export function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * devicePixelRatio));
  if (!width || !height) return undefined;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') ?? undefined;
  context?.clearRect(0, 0, width, height);
  return context;
}

/**
 * Draws marks onto a canvas that lies over a picture and is as large as it on the screen.
 *
 * @param width the picture's own width, in whose pixels the marks are given.
 */
export function drawMarks(canvas: HTMLCanvasElement, width: number, marks: readonly Mark[]): void {
  const context = fitted(canvas);
  if (!context || width === 0) return;
  // One scale will do: the canvas has the picture's aspect ratio.
  const scale = canvas.width / width;
  for (const { box, tone, landmarks } of marks) {
    if (landmarks)
      drawDots(context, landmarks, scale, Math.max(0.6 * devicePixelRatio, box.width * scale * 0.004), tone);
    drawCorners(context, box, scale, tone);
  }
}

/** A box by its corners only, as in a viewfinder: the face stays free. */
function drawCorners(context: CanvasRenderingContext2D, box: Box, scale: number, tone: Tone): void {
  // As fine as on a phone, the lines would hardly be seen on a very large screen.
  const line = (tone === 'accent' ? 2.5 : 2) * devicePixelRatio * Math.max(1, context.canvas.clientWidth / 900);
  const [left, top] = [box.x * scale, box.y * scale];
  const [right, bottom] = [left + box.width * scale, top + box.height * scale];
  const arm = Math.min(right - left, bottom - top) * 0.22;
  context.beginPath();
  for (const [x, y, dx, dy] of [
    [left, top, arm, arm],
    [right, top, -arm, arm],
    [right, bottom, -arm, -arm],
    [left, bottom, arm, -arm],
  ] as const) {
    context.moveTo(x, y + dy);
    context.lineTo(x, y);
    context.lineTo(x + dx, y);
  }
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const [colour, lineWidth] of [
    [tones.under, line * 2.2],
    [tones[tone], line],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.stroke();
  }
}

function drawDots(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  scale: number,
  radius: number,
  tone: Tone,
): void {
  context.beginPath();
  for (const { x, y } of points) {
    context.moveTo(x * scale + radius, y * scale);
    context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = tones[tone];
  context.fill();
}
