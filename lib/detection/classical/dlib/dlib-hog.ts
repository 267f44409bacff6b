import { logistic } from '../../../core/math.ts';
import { originalBox } from '../../../image/dlib/detections.ts';
import { warp } from '../../../image/warp.ts';
import type { DetectedFace, PictureDetector } from '../../detector.ts';
import { doublingsFor } from '../../doublings.ts';
import type { DlibHogModel } from './hog-model.ts';
import { searchHog } from './hog-search.ts';
import { javascriptScorer } from './javascript-scorer.ts';
import { wasmScorers } from './wasm-scorer.ts';

/** Windows with a lower score are noise. The logistic of −1 is 0.27. */
const minScore = -1;

/**
 * Creates dlib's detector of frontal faces: a linear support vector machine on histograms of oriented gradients at every scale. It gives
 * the boxes of `detector.run(image, n, -1)`, where n is the number of times that the picture is doubled: until the window is no larger than
 * `minSize`. The score of a face is the logistic of dlib's, so that dlib's threshold of 0 becomes 0.5.
 */
export async function dlibHogDetector(name: string, model: DlibHogModel): Promise<PictureDetector> {
  const startScorer = (await wasmScorers()) ?? javascriptScorer;
  const side = model.cell * Math.min(model.columns - 2 * model.padding, model.rows - 2 * model.padding);
  return {
    name,
    uprightOnly: true,
    async search(picture, { width, height, toSource }, minSize, signal) {
      const doublings = doublingsFor(minSize, side);
      const image = warp(picture, toSource, Math.round(width), Math.round(height));
      const found = await searchHog(startScorer(image, doublings, model), model, minScore, signal);
      return found.map(({ box, score }): DetectedFace => {
        return { box: originalBox(box, doublings), score: logistic(score), roll: 0 };
      });
    },
    dispose() {},
  };
}
