import { logistic } from '../../../core/math.ts';
import { toByteImage } from '../../../image/dlib/byte-image.ts';
import { doubled, fromDoubled } from '../../../image/dlib/pyramid.ts';
import { toPixel } from '../../../image/dlib/rectangle.ts';
import { warp } from '../../../image/warp.ts';
import type { DetectedFace, PictureDetector } from '../../detector.ts';
import { doublingsFor } from '../../doublings.ts';
import type { DlibHogModel } from './hog-model.ts';
import { searchHog } from './hog-search.ts';

/** Windows with a lower score are noise. The logistic of −1 is 0.27. */
const minScore = -1;

/**
 * Creates dlib's detector of frontal faces: a linear support vector machine on histograms of oriented gradients at every scale. It gives
 * the boxes of `detector.run(image, n, -1)`, where n is the number of times that the picture is doubled: until the window is no larger than
 * `minSize`. The score of a face is the logistic of dlib's, so that dlib's threshold of 0 becomes 0.5.
 */
export function dlibHogDetector(name: string, model: DlibHogModel): PictureDetector {
  const side = model.cell * Math.min(model.columns - 2 * model.padding, model.rows - 2 * model.padding);
  return {
    name,
    uprightOnly: true,
    async search(picture, { width, height, toSource }, minSize, signal) {
      const doublings = doublingsFor(minSize, side);
      let image = toByteImage(warp(picture, toSource, Math.round(width), Math.round(height)));
      for (let i = 0; i < doublings; i++) image = doubled(image);
      const found = await searchHog(image, model, minScore, signal);
      return found.map(({ box, score }): DetectedFace => {
        const first = fromDoubled({ x: box.left, y: box.top }, doublings);
        const last = fromDoubled({ x: box.right, y: box.bottom }, doublings);
        const [x, y] = [toPixel(first.x), toPixel(first.y)];
        return {
          box: { x, y, width: toPixel(last.x) - x + 1, height: toPixel(last.y) - y + 1 },
          score: logistic(score),
          roll: 0,
        };
      });
    },
    dispose() {},
  };
}
