import {
  type DlibHogModel,
  type HogClassifier,
  planeCount,
  type SeparableFilter,
} from '../../../../lib/detection/classical/dlib/hog-model.ts';
import { SerializedReader, unreadable } from './serialized-reader.ts';
import { singularParts } from './singular-values.ts';

/** Limits on the size of a detector, beyond those of any that dlib trains in practice. */
const maxClassifiers = 64;
const maxPixels = 2048;
const maxCells = 64;

/** dlib leaves out parts of a filter below these limits, the second one as a share of the largest part. (scan_fhog_pyramid.h) */
const minValue = 1e-4;
const minShare = 0.001;

/**
 * Reads an object detector on histograms of oriented gradients that dlib saved: `fhog_object_detector.save`, or the file of
 * `train_simple_object_detector`. (dlib, image_processing/object_detector.h and scan_fhog_pyramid.h)
 *
 * @throws {FaceNetError} `model-file-damaged` for other bytes.
 */
export function readObjectDetector(bytes: Uint8Array): DlibHogModel {
  const reader = new SerializedReader(bytes);
  const version = reader.integerIn(1, 2, 'version');
  const scanner = readScanner(reader);
  // Version 1 has one classifier, before the limits of overlap.
  const first = version === 1 ? [readClassifier(reader, scanner)] : [];
  const maxOverlap = reader.floatIn(0, 1, 'limit of overlap');
  const maxCovered = reader.floatIn(0, 1, 'limit of coverage');
  const count = version === 1 ? 0 : reader.integerIn(1, maxClassifiers, 'number of classifiers');
  const others = Array.from({ length: count }, () => readClassifier(reader, scanner));
  // The file of train_simple_object_detector ends with the upsampling of its training.
  if (!reader.atEnd) {
    reader.integerIn(1, 1, 'version of a simple detector');
    reader.integerIn(0, 16, 'upsampling');
  }
  if (!reader.atEnd) throw unreadable('bytes follow its end');
  return { ...scanner, maxOverlap, maxCovered, classifiers: [...first, ...others] };
}

type Scanner = Omit<DlibHogModel, 'maxOverlap' | 'maxCovered' | 'classifiers'>;

function readScanner(reader: SerializedReader): Scanner {
  reader.integerIn(1, 1, 'version of the scanner');
  // An image that the scanner was last used on: dlib saves a scanner without one.
  reader.integerIn(0, 1000, 'capacity');
  reader.integerIn(0, 0, 'number of images');
  const cell = reader.integerIn(2, 64, 'cell size');
  const padding = reader.integerIn(0, maxCells / 2, 'padding');
  const width = reader.integerIn(1, maxPixels, 'window width');
  const height = reader.integerIn(1, maxPixels, 'window height');
  const maxLevels = reader.integerIn(1, 1e6, 'number of levels');
  const minWidth = reader.integerIn(1, maxPixels, 'width of the smallest level');
  const minHeight = reader.integerIn(1, maxPixels, 'height of the smallest level');
  reader.float();
  const [columns, rows] = [cellsAlong(width, cell) + 2 * padding, cellsAlong(height, cell) + 2 * padding];
  const dimensions = columns * rows * planeCount;
  if (columns < 1 || rows < 1 || columns > maxCells || rows > maxCells)
    throw unreadable(`its window has ${columns} × ${rows} cells`);
  reader.integerIn(dimensions, dimensions, 'number of dimensions');
  return { cell, columns, rows, padding, minWidth, minHeight, maxLevels };
}

/** The number of cells along a window about the origin. dlib truncates the division. (`image_to_fhog`) */
function cellsAlong(pixels: number, cell: number): number {
  const first = -Math.floor(pixels / 2);
  const toCell = (position: number) => Math.trunc((position - 1) / cell);
  return toCell(first + pixels - 1) - toCell(first) + 1;
}

function readClassifier(reader: SerializedReader, { columns, rows }: Scanner): HogClassifier {
  const size = columns * rows;
  const weights = reader.vector('weights', size * planeCount + 1);
  const planes = Array.from({ length: planeCount }, (_, plane) =>
    singularParts(weights.subarray(plane * size, (plane + 1) * size), rows, columns),
  );
  const significant = planes.map((parts) => {
    const limit = Math.max(minValue, (parts[0]?.value ?? 0) * minShare);
    return parts.filter(({ value }) => value >= limit);
  });
  // With many parts dlib filters without the decomposition, so that no part is left out.
  const isTruncated = significant.flat().length <= (planeCount * Math.min(rows, columns)) / 3;
  const filters = (isTruncated ? significant : planes).flatMap((parts, plane) =>
    parts
      .filter(({ value }) => value > 0)
      .map(
        ({ row, column }): SeparableFilter => ({
          plane,
          row: Float32Array.from(row),
          column: Float32Array.from(column),
        }),
      ),
  );
  return { threshold: weights[weights.length - 1] as number, filters };
}
