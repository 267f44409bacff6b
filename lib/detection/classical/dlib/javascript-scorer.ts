import type { Pixels } from '../../../core/types.ts';
import { toByteImage } from '../../../image/dlib/byte-image.ts';
import { doubled, shrunkBySixth } from '../../../image/dlib/pyramid.ts';
import { cellHistograms } from './cell-histograms.ts';
import { type DlibHogModel, marginOf } from './hog-model.ts';
import type { HogScorer, ScoreMap } from './hog-scorer.ts';
import { normalizedPlanes } from './normalized-planes.ts';
import { orientationTable } from './orientations.ts';
import { scoreMap } from './score-map.ts';

/** Scores in plain JavaScript, where WebAssembly has no SIMD. */
export function javascriptScorer(picture: Pixels, doublings: number, model: DlibHogModel): HogScorer {
  let image = toByteImage(picture);
  for (let i = 0; i < doublings; i++) image = doubled(image);
  return {
    get width() {
      return image.width;
    },
    get height() {
      return image.height;
    },
    scoreMaps() {
      const planes = normalizedPlanes(cellHistograms(image, model.cell, orientationTable()), marginOf(model));
      const columns = planes.columns - model.columns + 1;
      const rows = planes.rows - model.rows + 1;
      return model.classifiers.map(
        ({ filters }): ScoreMap => ({ scores: scoreMap(planes, filters, model), columns, rows, stride: columns }),
      );
    },
    shrink() {
      image = shrunkBySixth(image);
    },
  };
}
