import { yieldToEventLoop } from '../../../core/cancellation.ts';
import { strongest } from '../../../image/dlib/detections.ts';
import { fromSixth } from '../../../image/dlib/pyramid.ts';
import { type Rectangle, toPixel } from '../../../image/dlib/rectangle.ts';
import { hogSize } from './cell-histograms.ts';
import type { DlibHogModel, HogClassifier } from './hog-model.ts';
import type { HogScorer, ScoreMap } from './hog-scorer.ts';

/** A window that a classifier accepted. */
export interface HogDetection {
  /** In whole pixels of the searched image. */
  box: Rectangle;
  /** The classifier's answer minus its threshold: positive for a face. */
  score: number;
  /** The index of the classifier. */
  classifier: number;
}

/**
 * Searches an image at every scale, as dlib's `fhog_object_detector` does.
 *
 * @param scorer of the image that is searched.
 * @param minScore windows with a lower score are dropped: dlib's `adjust_threshold`, 0 by default.
 * @returns the detections, strongest first. The weaker one of two that overlap is dropped.
 * @throws `signal.reason` when aborted.
 */
export async function searchHog(
  scorer: HogScorer,
  model: DlibHogModel,
  minScore: number,
  signal?: AbortSignal,
): Promise<HogDetection[]> {
  const found: HogDetection[] = [];
  const levels = levelCount(scorer, model);
  for (let level = 0; level < levels; level++) {
    await yieldToEventLoop(signal);
    if (level > 0) scorer.shrink();
    const size = hogSize(scorer, model.cell);
    if (size.columns === 0 || size.rows === 0) break;
    for (const [index, map] of scorer.scoreMaps().entries()) collect(found, map, { index, level }, model, minScore);
  }
  return strongest(found, model);
}

/** The number of levels of the pyramid: until one is too small. */
function levelCount(
  { width, height }: { width: number; height: number },
  { minWidth, minHeight, maxLevels }: DlibHogModel,
): number {
  let box = { left: 0, top: 0, right: width - 1, bottom: height - 1 };
  let levels = 0;
  const down = (value: number) => toPixel((value - 0.3) * (5 / 6));
  do {
    box = { left: down(box.left), top: down(box.top), right: down(box.right), bottom: down(box.bottom) };
    levels++;
  } while (box.right - box.left + 1 >= minWidth && box.bottom - box.top + 1 >= minHeight && levels < maxLevels);
  return levels;
}

/** Adds the windows of a level whose score is large enough. @param index that of the classifier. */
function collect(
  found: HogDetection[],
  { scores, columns, rows, stride }: ScoreMap,
  { index, level }: { index: number; level: number },
  model: DlibHogModel,
  minScore: number,
): void {
  const { threshold } = model.classifiers[index] as HogClassifier;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const score = (scores[row * stride + column] as number) - threshold;
      if (!(score >= minScore)) continue;
      found.push({ box: windowBox(column, row, model, level), score, classifier: index });
    }
  }
}

/** The box of the window about a HOG cell, in pixels of the searched image. (dlib, `fhog_to_image`, `rect_up`) */
function windowBox(
  column: number,
  row: number,
  { cell, columns, rows, padding }: DlibHogModel,
  level: number,
): Rectangle {
  const [width, height] = [columns - 2 * padding, rows - 2 * padding];
  const left = column + (columns >> 1) - (width >> 1);
  const top = row + (rows >> 1) - (height >> 1);
  const centre = (position: number, size: number) => {
    const pixel = (position + 1 - ((size - 1) >> 1)) * cell + 1;
    return pixel + (pixel >= 0 ? cell >> 1 : -(cell >> 1));
  };
  const first = fromSixth({ x: centre(left, columns), y: centre(top, rows) }, level);
  const last = fromSixth({ x: centre(left + width - 1, columns), y: centre(top + height - 1, rows) }, level);
  return { left: toPixel(first.x), top: toPixel(first.y), right: toPixel(last.x), bottom: toPixel(last.y) };
}
