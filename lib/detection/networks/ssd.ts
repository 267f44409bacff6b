import { boxAround, logistic } from '../../core/math.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Face } from '../../core/types.ts';
import type { Decoder } from '../detector.ts';
import { suppress } from '../suppression.ts';

/** Candidates whose intersection over union is larger are one face (face-api, ssdMobilenetv1/SsdMobilenetv1.ts). */
const suppressionThreshold = 0.5;

/**
 * Decodes the Single Shot MultiBox Detector (arXiv 1512.02325): the network outputs the centre, the size and the logits
 * of each candidate.
 */
export const ssdDecoder: Decoder<'ssd'> = (_, size, minScore) => {
  return ([centres, sizes, logits]) => {
    const faces: Face[] = [];
    for (let i = 0; i < logits.length / 3; i++) {
      const score = logistic(logits[i * 3 + 1] as number);
      if (score < minScore) continue;
      const [y, x] = [(centres[i * 2] as number) * size, (centres[i * 2 + 1] as number) * size];
      const [height, width] = [(sizes[i * 2] as number) * size, (sizes[i * 2 + 1] as number) * size];
      faces.push({ score, box: boxAround({ x, y }, width, height), roll: 0 });
    }
    return suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > suppressionThreshold);
  };
};
