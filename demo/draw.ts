import type { Box, LandmarkedFace, Point } from 'facenet-web';

/** Lines of two tones can be seen on any photo: the dark one lies under the light one. */
const tones = { under: 'rgb(0 0 0 / 0.6)', plain: '#ffffff', chosen: '#4df0df' };

/** Width and height of what the faces were found in. */
export interface Size {
  width: number;
  height: number;
}

/**
 * Draws faces onto a canvas that lies over a picture and is as large as it on the screen.
 *
 * @param size the picture's own size, in whose pixels the faces are given.
 * @param chosen the face to tell from the others.
 * @param picture what to draw under them, where the picture itself may have moved on.
 */
export function drawFaces(
  canvas: HTMLCanvasElement,
  size: Size,
  faces: readonly LandmarkedFace[],
  chosen?: LandmarkedFace,
  picture?: ImageBitmap,
): void {
  const context = fitted(canvas);
  if (!context || size.width === 0) return;
  if (picture) context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  // One scale will do: the canvas has the picture's aspect ratio.
  const scale = canvas.width / size.width;
  for (const face of faces) {
    const tone = face === chosen ? tones.chosen : tones.plain;
    drawLandmarks(context, face, scale, tone);
    drawBox(context, face.box, scale, tone, face === chosen ? 2 : 1.25);
  }
}

/** The context of a canvas that was cleared and given as many pixels as the screen shows of it. */
function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  return canvas.width > 0 ? canvas.getContext('2d') : null;
}

function drawBox(context: CanvasRenderingContext2D, box: Box, scale: number, tone: string, weight: number): void {
  // As fine as on a phone, they would hardly be seen on a very large screen.
  const line = weight * window.devicePixelRatio * Math.max(1, context.canvas.clientWidth / 600);
  const [x, y, width, height] = [box.x * scale, box.y * scale, box.width * scale, box.height * scale];
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(width, height) * 0.08);
  for (const [colour, lineWidth] of [
    [tones.under, line * 2.2],
    [tone, line],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.stroke();
  }
}

function drawLandmarks(
  context: CanvasRenderingContext2D,
  { box, landmarks }: LandmarkedFace,
  scale: number,
  tone: string,
): void {
  // Dots grow with the face, or hundreds of them would hide a small one.
  const radius = Math.max(0.4 * window.devicePixelRatio, box.width * scale * 0.005);
  drawDots(context, landmarks.points, scale, radius * 1.6, tones.under, 0.35);
  drawDots(context, landmarks.points, scale, radius, tone, 0.85);
}

function drawDots(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  scale: number,
  radius: number,
  tone: string,
  opacity: number,
): void {
  context.beginPath();
  for (const { x, y } of points) {
    context.moveTo(x * scale + radius, y * scale);
    context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
  }
  context.globalAlpha = opacity;
  context.fillStyle = tone;
  context.fill();
  context.globalAlpha = 1;
}
