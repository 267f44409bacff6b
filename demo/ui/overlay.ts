import type { Box, Point } from 'facenet-web';

/** How a face is marked: plainly, or as the one that is meant or known. */
export type Tone = 'plain' | 'accent';

/** Lines of two tones can be seen on any picture: the dark one lies under the light one. */
const tones: Record<Tone | 'under' | 'label' | 'onLabel', string> = {
  under: 'rgb(8 10 18 / 0.55)',
  plain: '#ffffff',
  accent: '#a9b6ff',
  label: 'rgb(8 10 18 / 0.78)',
  onLabel: '#ffffff',
};

const font = '"Schibsted Grotesk Variable", "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif';

/** What is drawn of a face. */
export interface Mark {
  box: Box;
  tone: Tone;
  landmarks?: readonly Point[] | undefined;
  /** What stands at the box, such as a name. */
  label?: string | undefined;
}

/** The picture that marks lie over. */
interface Under {
  /** Its own width, in whose pixels the marks are given. */
  width: number;
  /** Whether it is shown mirrored; labels are not. */
  mirrored?: boolean;
}

/** Draws marks onto a canvas that lies over a picture and is as large as it on the screen. */
export function drawMarks(canvas: HTMLCanvasElement, { width, mirrored = false }: Under, marks: readonly Mark[]): void {
  const context = fitted(canvas);
  if (!context || width === 0) return;
  // One scale will do: the canvas has the picture's aspect ratio.
  const scale = canvas.width / width;
  const across = (x: number) => (mirrored ? canvas.width - x * scale : x * scale);
  for (const { box, tone, landmarks, label } of marks) {
    const place = {
      x: mirrored ? across(box.x + box.width) : across(box.x),
      y: box.y * scale,
      width: box.width * scale,
      height: box.height * scale,
    };
    if (landmarks) {
      const points = landmarks.map(({ x, y }) => ({ x: across(x), y: y * scale }));
      drawDots(context, points, Math.max(0.6 * devicePixelRatio, place.width * 0.004), tone);
    }
    drawCorners(context, place, tone);
    if (label) drawLabel(context, place, label);
  }
}

/** The context of a canvas that was cleared and given as many pixels as the screen shows of it; undefined while it shows none. */
function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (!width || !height) return undefined;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') ?? undefined;
  context?.clearRect(0, 0, width, height);
  return context;
}

/** As fine as on a phone, lines and letters would hardly be seen on a very large screen. */
function weightOf({ canvas }: CanvasRenderingContext2D): number {
  return devicePixelRatio * Math.max(1, canvas.clientWidth / 900);
}

/** A box by its corners only, as in a viewfinder: the face stays free. */
function drawCorners(context: CanvasRenderingContext2D, { x, y, width, height }: Box, tone: Tone): void {
  const line = (tone === 'accent' ? 2.5 : 1.75) * weightOf(context);
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
    [tones.under, line * 2.2],
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

/** A label below a box, or above it where there is no room below; never beyond the edges. */
function drawLabel(context: CanvasRenderingContext2D, box: Box, label: string): void {
  const size = 15 * weightOf(context);
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
