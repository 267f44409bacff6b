/** A linear filter of one HOG plane that is the product of a row and a column: the sums of rows, then of columns. */
export interface SeparableFilter {
  /** The index of the plane, 0 to 30. */
  plane: number;
  row: Float32Array;
  column: Float32Array;
}

/** One classifier of windows: its score is the sum of its filters' answers, minus the threshold. */
export interface HogClassifier {
  threshold: number;
  filters: SeparableFilter[];
}

/** A detector of dlib: linear classifiers on the HOG planes of an image pyramid. (dlib, `object_detector<scan_fhog_pyramid>`) */
export interface DlibHogModel {
  /** The side of a HOG cell, in pixels. */
  cell: number;
  /** The size of the classifiers' window, in cells. */
  columns: number;
  rows: number;
  /** The cells of the window on each side that the box of a detection leaves out. */
  padding: number;
  /** Levels of the pyramid below this size, in pixels, are not searched. */
  minWidth: number;
  minHeight: number;
  maxLevels: number;
  /** Of two detections, the weaker one is dropped if their intersection over union is larger… */
  maxOverlap: number;
  /** …or if a larger share than this of either box is inside the other. */
  maxCovered: number;
  classifiers: HogClassifier[];
}

/** The number of HOG planes: 18 signed orientations, 9 unsigned ones, and 4 of texture. */
export const planeCount = 31;

/** The cells of zeros about the planes with which every window about a cell fits. */
export function marginOf({ columns, rows }: DlibHogModel): {
  left: number;
  top: number;
  right: number;
  bottom: number;
} {
  return { left: (columns - 1) >> 1, top: (rows - 1) >> 1, right: columns >> 1, bottom: rows >> 1 };
}
