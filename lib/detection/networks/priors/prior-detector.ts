import { resizedLinearly } from '../../../image/linear-resize.ts';
import { warp } from '../../../image/warp.ts';
import type { DetectionDescriptor, PriorHead } from '../../../models/manifest.ts';
import type { Network } from '../../../runtime/network.ts';
import type { PictureDetector } from '../../detector.ts';
import { priorDecoder } from './decode-priors.ts';

/**
 * Creates a detector that gives the boxes of an SSD in OpenCV's DNN module, such as res10: the whole picture, stretched to the network's
 * input by `cv2.resize`, is searched once. `minSize` has no effect. Disposing of the detector disposes of the network.
 */
export function priorDetector(
  network: Network,
  { name, preprocessing, head }: DetectionDescriptor & { head: PriorHead },
): PictureDetector {
  const decode = priorDecoder(name, head, preprocessing);
  return {
    name,
    uprightOnly: true,
    async search(picture, { width, height, toSource }, _minSize, signal) {
      const pixels = warp(picture, toSource, Math.round(width), Math.round(height));
      const image = resizedLinearly(pixels, preprocessing.width, preprocessing.height);
      const [outputs = []] = await network.run([image], signal);
      const [across, down] = [width / preprocessing.width, height / preprocessing.height];
      return decode(outputs).map(({ box, score }) => ({
        score,
        box: { x: box.x * across, y: box.y * down, width: box.width * across, height: box.height * down },
        roll: 0,
      }));
    },
    dispose: () => network.dispose(),
  };
}
