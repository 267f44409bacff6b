import { boxAround, logistic } from '../../core/math.ts';
import type { Face } from '../../core/types.ts';
import type { Decoder } from '../detector.ts';
import { intersectionOverUnion, suppress } from '../suppression.ts';

/** From where on two candidates are one face. (face-api, tinyFaceDetector/const.ts) */
const overlapping = 0.4;

/** What the network gives of each anchor: x, y, width, height and the logit of a face. */
const values = 5;

/** YOLO v2 (arXiv 1612.08242): a grid of cells, in each of which every anchor is a candidate. */
export const yoloDecoder: Decoder<'yolo'> = ({ anchors }, size, leastScore) => {
  return ([grid]) => {
    const cells = Math.round(Math.sqrt(grid.length / (anchors.length * values)));
    const cell = size / cells;
    const faces: Face[] = [];
    for (let i = 0; i < cells * cells * anchors.length; i++) {
      const [x = 0, y = 0, w = 0, h = 0, logit = 0] = grid.subarray(i * values, (i + 1) * values);
      const score = logistic(logit);
      if (score < leastScore) continue;
      const place = Math.floor(i / anchors.length);
      const [anchorWidth, anchorHeight] = anchors[i % anchors.length] as [number, number];
      const [width, height] = [Math.exp(w) * anchorWidth * cell, Math.exp(h) * anchorHeight * cell];
      const centre = {
        x: ((place % cells) + logistic(x)) * cell,
        y: (Math.floor(place / cells) + logistic(y)) * cell,
      };
      faces.push({ score, box: boxAround(centre, width, height), roll: 0 });
    }
    return suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > overlapping);
  };
};
