import { boxAround, logistic } from '../../core/math.ts';
import type { Face } from '../../core/types.ts';
import type { Decoder } from '../detector.ts';
import { intersectionOverUnion, suppress } from '../suppression.ts';

/** From where on two candidates are one face. (face-api, ssdMobilenetv1/SsdMobilenetv1.ts) */
const overlapping = 0.5;

/**
 * Single Shot MultiBox Detector (arXiv 1512.02325): the network gives of each candidate its centre, its size and its logits.
 */
export const ssdDecoder: Decoder<'ssd'> = (_, size, leastScore) => {
  return ([centres, sizes, logits]) => {
    const faces: Face[] = [];
    for (let i = 0; i < logits.length / 3; i++) {
      const score = logistic(logits[i * 3 + 1] as number);
      if (score < leastScore) continue;
      const [y, x] = [(centres[i * 2] as number) * size, (centres[i * 2 + 1] as number) * size];
      const [height, width] = [(sizes[i * 2] as number) * size, (sizes[i * 2 + 1] as number) * size];
      faces.push({ score, box: boxAround({ x, y }, width, height), roll: 0 });
    }
    return suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > overlapping);
  };
};
