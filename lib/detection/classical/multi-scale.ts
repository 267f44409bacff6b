import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { roundHalfEven } from '../../core/math.ts';
import type { Box } from '../../core/types.ts';
import { type Grey, resizedExactly } from '../../image/grey.ts';
import type { Cascade } from './cascade.ts';
import { scanWindows } from './cascade-windows.ts';
import { type Group, groupWindows } from './grouping.ts';

const { fround } = Math;

/** Below this scale only every second window along each side is evaluated. (OpenCV) */
const coarseScale = 2;

/** A face yields some tens of windows. Grouping more windows than this would take seconds. */
const maxWindows = 10_000;

/** The parameters of OpenCV's `detectMultiScale`. */
export interface MultiScaleOptions {
  /** The ratio of successive scales, more than 1. */
  scaleFactor: number;
  /** The number of windows that a group must exceed, at least 1. */
  minNeighbors: number;
  /** The smallest side of a window, in pixels. */
  minSize: number;
}

/**
 * Finds objects of all sizes with a cascade, as OpenCV's `detectMultiScale` does: the same rectangles, each with the number of windows that
 * agree on it.
 *
 * @throws {FaceNetError} `option-invalid` when far too many windows pass; `signal.reason` when aborted.
 */
export async function detectMultiScale(
  cascade: Cascade,
  picture: Grey,
  { scaleFactor, minNeighbors, minSize }: MultiScaleOptions,
  signal?: AbortSignal,
): Promise<Group[]> {
  const windows: Box[] = [];
  for (let factor = 1; ; factor *= scaleFactor) {
    const size = windowSize(cascade, factor);
    if (size.width > picture.width || size.height > picture.height) break;
    // OpenCV keeps the scales as 32-bit floats.
    const scale = fround(factor);
    const { width, height } = windowSize(cascade, scale);
    if (width < minSize || height < minSize) continue;
    await yieldToEventLoop(signal);
    const level = resizedExactly(
      picture,
      roundHalfEven(fround(picture.width / scale)),
      roundHalfEven(fround(picture.height / scale)),
    );
    scanWindows(cascade, level, scale < coarseScale ? 2 : 1, (x, y) => {
      windows.push({ x: roundHalfEven(fround(x * scale)), y: roundHalfEven(fround(y * scale)), width, height });
      if (windows.length > maxWindows) throw tooManyWindows();
    });
  }
  return groupWindows(windows, minNeighbors + 1);
}

function windowSize({ width, height }: Cascade, factor: number) {
  return { width: roundHalfEven(fround(width * factor)), height: roundHalfEven(fround(height * factor)) };
}

function tooManyWindows(): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `More than ${maxWindows} windows of one picture pass the cascade: pass a cascade that is fully trained.`,
  );
}
