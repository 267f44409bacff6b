import { seeded } from '../../lib/core/random.ts';
import { animals } from './drawn-animals.ts';
import { figures } from './drawn-figures.ts';
import { patterns } from './drawn-patterns.ts';

/** What a drawing function gets. */
export interface Draw {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  random: () => number;
  /** A random colour of a lightness in percent. */
  colour: (lightness: number) => string;
}

/** The names of the kinds of picture without a face. */
export const drawingNames = [...Object.keys(patterns), ...Object.keys(figures), 'drawAnimals'];

/** Runs in the page: a picture without a face. The same seed draws the same picture. */
export function drawPicture(name: string, seed: number, width: number, height: number): HTMLCanvasElement {
  const random = seeded(seed);
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const hue = 360 * random();
  const colour = (lightness: number) => `hsl(${hue + 60 * (random() - 0.5)} ${20 + 60 * random()}% ${lightness}%)`;
  context.fillStyle = colour(30 + 60 * random());
  context.fillRect(0, 0, width, height);
  const draw = (globalThis as unknown as Record<string, (draw: Draw) => void>)[name];
  draw?.({ context, width, height, random, colour });
  return canvas;
}

/** The functions that {@link drawPicture} calls, for definePageFunctions. */
export const drawingFunctions = { seeded, drawPicture, ...patterns, ...figures, ...animals };
