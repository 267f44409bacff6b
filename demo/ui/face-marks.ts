import type { Box, Point } from 'facenet-web';

/** The emphasis of a mark: `accent` for a selected or recognised face. */
export type Tone = 'plain' | 'accent';

/** A light line over a wider dark one is visible on any image. */
const tones: Record<Tone | 'outline' | 'label' | 'onLabel', string> = {
  outline: 'rgb(8 10 18 / 0.55)',
  plain: '#ffffff',
  accent: '#a9b6ff',
  label: 'rgb(8 10 18 / 0.78)',
  onLabel: '#ffffff',
};

const font = '"Schibsted Grotesk Variable", "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif';

/** A face to draw: its box, optionally with landmarks and a label. */
export interface FaceMark {
  box: Box;
  tone: Tone;
  landmarks?: readonly Point[] | undefined;
  /** Text beside the box, such as a name. */
  label?: string | undefined;
}

/** The image under the marks. */
interface MarkedImage {
  /** Its intrinsic width, in pixels. The marks' coordinates are in these pixels. */
  width: number;
  /** Whether it is shown mirrored. Labels are not mirrored. */
  mirrored?: boolean;
}

/** Draws marks onto a canvas that covers an image exactly. Resizes and clears the canvas first. */
export function drawFaceMarks(
  canvas: HTMLCanvasElement,
  { width, mirrored = false }: MarkedImage,
  marks: readonly FaceMark[],
): void {
  const context = resizedContext(canvas);
  if (!context || width === 0) return;
  // One scale for both directions: the canvas has the image's aspect ratio.
  const scale = canvas.width / width;
  const toCanvasX = (x: number) => (mirrored ? canvas.width - x * scale : x * scale);
  for (const { box, tone, landmarks, label } of marks) {
    const target = {
      x: mirrored ? toCanvasX(box.x + box.width) : toCanvasX(box.x),
      y: box.y * scale,
      width: box.width * scale,
      height: box.height * scale,
    };
    if (landmarks) {
      const points = landmarks.map(({ x, y }) => ({ x: toCanvasX(x), y: y * scale }));
      drawDots(context, points, Math.max(0.6 * devicePixelRatio, target.width * 0.004), tone);
    }
    drawCorners(context, target, tone);
    if (label) drawLabel(context, target, label);
  }
}

/** Resizes a canvas to its size on the screen in device pixels and clears it. Undefined while it is not displayed. */
function resizedContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (!width || !height) return undefined;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') ?? undefined;
  context?.clearRect(0, 0, width, height);
  return context;
}

/** The scale of lines and text: they grow with the canvas, to stay visible on very large screens. */
function strokeScale({ canvas }: CanvasRenderingContext2D): number {
  return devicePixelRatio * Math.max(1, canvas.clientWidth / 900);
}

/** Draws only the corners of a box, so that it does not cover the face. */
function drawCorners(context: CanvasRenderingContext2D, { x, y, width, height }: Box, tone: Tone): void {
  const line = (tone === 'accent' ? 2.5 : 1.75) * strokeScale(context);
  const [right, bottom] = [x + width, y + height];
  const arm = Math.min(width, height) * 0.2;
  context.beginPath();
  for (const [cornerX, cornerY, alongX, alongY] of [
    [x, y, arm, arm],
    [right, y, -arm, arm],
    [right, bottom, -arm, -arm],
    [x, bottom, arm, -arm],
  ] as const) {
    context.moveTo(cornerX, cornerY + alongY);
    context.lineTo(cornerX, cornerY);
    context.lineTo(cornerX + alongX, cornerY);
  }
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const [colour, lineWidth] of [
    [tones.outline, line * 2.2],
    [tones[tone], line],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.stroke();
  }
}

function drawDots(context: CanvasRenderingContext2D, points: readonly Point[], radius: number, tone: Tone): void {
  context.beginPath();
  for (const { x, y } of points) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = tones[tone];
  context.fill();
}

/** Draws a label below a box, or above it if there is no room below. Keeps it inside the canvas. */
function drawLabel(context: CanvasRenderingContext2D, box: Box, label: string): void {
  const size = 15 * strokeScale(context);
  const [height, inset, gap] = [size * 1.9, size * 0.75, size * 0.6];
  context.font = `600 ${size}px ${font}`;
  context.textBaseline = 'middle';
  const width = context.measureText(label).width + 2 * inset;
  const { width: right, height: bottom } = context.canvas;
  const left = Math.max(gap, Math.min(box.x + (box.width - width) / 2, right - width - gap));
  const below = box.y + box.height + gap;
  const top = below + height + gap > bottom ? Math.max(gap, box.y - gap - height) : below;
  context.beginPath();
  context.roundRect(left, top, width, height, height / 2);
  context.fillStyle = tones.label;
  context.fill();
  context.fillStyle = tones.onLabel;
  context.fillText(label, left + inset, top + height / 2 + size * 0.05);
}
