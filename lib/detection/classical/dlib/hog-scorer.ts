import type { Pixels } from '../../../core/types.ts';
import type { DlibHogModel } from './hog-model.ts';

/** The answers of a classifier at every position of its window. */
export interface ScoreMap {
  /** Row by row; rows are `stride` values apart, of which the first `columns` are positions. */
  scores: Float32Array;
  columns: number;
  rows: number;
  stride: number;
}

/** Scores the windows of one image, level by level of its pyramid. */
export interface HogScorer {
  /** The size of the level, in pixels. At first that of the image. */
  readonly width: number;
  readonly height: number;
  /** The score map of each classifier on this level. Valid until the next call. */
  scoreMaps(): ScoreMap[];
  /** Goes to the next level, of 5/6 of the size. */
  shrink(): void;
}

/**
 * Starts to score a picture.
 *
 * @param doublings how often the picture is doubled first.
 */
export type StartScorer = (picture: Pixels, doublings: number, model: DlibHogModel) => HogScorer;
