import { FaceNetError } from '../core/errors.ts';

/** The context of a 2D canvas, on the page or in a worker. */
export type CanvasContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Creates a 2D canvas in main memory, where reading back is fast.
 *
 * @throws {FaceNetError} `image-unreadable` without a 2D canvas.
 */
export function createReadableCanvas(width: number, height: number): CanvasContext {
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasContext | null;
  if (!context) {
    throw new FaceNetError('image-unreadable', 'This browser has no 2D canvas: use another browser.');
  }
  return context;
}

/** Frees a canvas's memory now, not at garbage collection: a canvas of size 0 has none. */
export function releaseMemory({ canvas }: CanvasContext): void {
  canvas.width = 0;
  canvas.height = 0;
}
