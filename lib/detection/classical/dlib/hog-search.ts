import { yieldToEventLoop } from '../../../core/cancellation.ts';
import type { ByteImage } from '../../../image/dlib/byte-image.ts';
import { fromSixth, shrunkBySixth } from '../../../image/dlib/pyramid.ts';
import { overlapsMuch, type Rectangle, toPixel } from '../../../image/dlib/rectangle.ts';
import { cellHistograms, hogSize } from './cell-histograms.ts';
import type { DlibHogModel, HogClassifier } from './hog-model.ts';
import { normalizedPlanes } from './normalized-planes.ts';
import { orientationTable } from './orientations.ts';
import { scoreMap } from './score-map.ts';

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
 * @param minScore windows with a lower score are dropped: dlib's `adjust_threshold`, 0 by default.
 * @returns the detections, strongest first. The weaker one of two that overlap is dropped.
 * @throws `signal.reason` when aborted.
 */
export async function searchHog(
  image: ByteImage,
  model: DlibHogModel,
  minScore: number,
  signal?: AbortSignal,
): Promise<HogDetection[]> {
  const table = orientationTable();
  const found: HogDetection[] = [];
  const levels = levelCount(image, model);
  let current = image;
  for (let level = 0; level < levels; level++) {
    await yieldToEventLoop(signal);
    if (level > 0) current = shrunkBySixth(current);
    const size = hogSize(current, model.cell);
    if (size.columns === 0 || size.rows === 0) break;
    const planes = normalizedPlanes(cellHistograms(current, model.cell, table), marginOf(model));
    model.classifiers.forEach((classifier, index) => {
      const scores = scoreMap(planes, classifier.filters, model);
      collect(found, { scores, columns: size.columns, classifier, index, level }, model, minScore);
    });
  }
  return withoutOverlaps(
    found.sort((a, b) => b.score - a.score),
    model,
  );
}

/** The cells of zeros with which every window about a cell fits. */
function marginOf({ columns, rows }: DlibHogModel) {
  return { left: (columns - 1) >> 1, top: (rows - 1) >> 1, right: columns >> 1, bottom: rows >> 1 };
}

/** The number of levels of the pyramid: until one is too small. */
function levelCount({ width, height }: ByteImage, { minWidth, minHeight, maxLevels }: DlibHogModel): number {
  let box = { left: 0, top: 0, right: width - 1, bottom: height - 1 };
  let levels = 0;
  const down = (value: number) => toPixel((value - 0.3) * (5 / 6));
  do {
    box = { left: down(box.left), top: down(box.top), right: down(box.right), bottom: down(box.bottom) };
    levels++;
  } while (box.right - box.left + 1 >= minWidth && box.bottom - box.top + 1 >= minHeight && levels < maxLevels);
  return levels;
}

/** Adds the windows of a level whose score is large enough. */
function collect(
  found: HogDetection[],
  map: { scores: Float32Array; columns: number; classifier: HogClassifier; index: number; level: number },
  model: DlibHogModel,
  minScore: number,
): void {
  const { scores, columns, classifier, index, level } = map;
  const threshold = classifier.threshold + minScore;
  scores.forEach((score, i) => {
    if (score < threshold) return;
    const box = windowBox(i % columns, Math.floor(i / columns), model, level);
    found.push({ box, score: score - classifier.threshold, classifier: index });
  });
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

/** Keeps the strongest of overlapping detections. (dlib, `test_box_overlap`) */
function withoutOverlaps(found: readonly HogDetection[], { maxOverlap, maxCovered }: DlibHogModel): HogDetection[] {
  const kept: HogDetection[] = [];
  for (const detection of found) {
    if (!kept.some(({ box }) => overlapsMuch(box, detection.box, maxOverlap, maxCovered))) kept.push(detection);
  }
  return kept;
}
