import type { Box, Point } from '../core/types.ts';
import type { DrawTheme } from './theme.ts';

/** What marks are drawn with. */
export interface Pen {
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  theme: DrawTheme;
  /** The number of canvas pixels in a CSS pixel. */
  unit: number;
  colour: string;
}

/** Draws a box, or only its corners, so that it does not cover the face: a line over a wider one. */
export function drawBox(pen: Pen, box: Box, { whole, wide }: { whole: boolean; wide: boolean }): void {
  const { context, theme, unit, colour } = pen;
  const line = theme.lineWidth * unit * (wide ? 1.4 : 1);
  context.beginPath();
  if (whole) context.rect(box.x, box.y, box.width, box.height);
  else cornersPath(context, box);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const [style, width] of [
    [theme.outline, line * 2.2],
    [colour, line],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
}

function cornersPath(context: Pen['context'], { x, y, width, height }: Box): void {
  const [right, bottom] = [x + width, y + height];
  const arm = Math.min(width, height) * 0.2;
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
}

/** Draws points as filled circles. */
export function drawPoints({ context, colour }: Pen, points: readonly Point[], radius: number): void {
  context.beginPath();
  for (const { x, y } of points) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = colour;
  context.fill();
}

/** Draws a line through points. */
export function drawLines({ context, theme, unit, colour }: Pen, points: readonly Point[], closed: boolean): void {
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  if (closed) context.closePath();
  context.strokeStyle = colour;
  context.lineWidth = theme.lineWidth * unit * 0.5;
  context.stroke();
}

/** Draws a label below a box, or above it if there is no room below. Keeps it inside the canvas, and shortens it to its width. */
export function drawLabel({ context, theme, unit }: Pen, box: Box, label: string): void {
  const size = theme.textSize * unit;
  const [height, inset, gap] = [size * 1.9, size * 0.75, size * 0.6];
  const { width: right, height: bottom } = context.canvas;
  context.font = `600 ${size}px ${theme.font}`;
  context.textBaseline = 'middle';
  const text = shortened(context, label, right - 2 * (gap + inset));
  const width = context.measureText(text).width + 2 * inset;
  const left = Math.max(gap, Math.min(box.x + (box.width - width) / 2, right - width - gap));
  const below = box.y + box.height + gap;
  const top = below + height + gap > bottom ? Math.max(gap, box.y - gap - height) : below;
  context.beginPath();
  context.roundRect(left, top, width, height, height / 2);
  context.fillStyle = theme.label;
  context.fill();
  context.fillStyle = theme.text;
  context.fillText(text, left + inset, top + height / 2 + size * 0.05);
}

function shortened(context: Pen['context'], text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let characters = [...text];
  while (characters.length > 1 && context.measureText(`${characters.join('')}…`).width > width) {
    characters = characters.slice(0, -1);
  }
  return `${characters.join('')}…`;
}
