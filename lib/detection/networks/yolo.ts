import { boxAround, logistic } from '../../core/math.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Face } from '../../core/types.ts';
import type { Decoder } from '../detector.ts';
import { suppress } from '../suppression.ts';

/** Candidates whose intersection over union is larger are one face (face-api, tinyFaceDetector/const.ts). */
const suppressionThreshold = 0.4;

/** The network's values per anchor: x, y, width, height and the logit of a face. */
const valuesPerAnchor = 5;

/** Decodes YOLO v2 (arXiv 1612.08242): the network outputs a grid of cells with one candidate per anchor. */
export const yoloDecoder: Decoder<'yolo'> = ({ anchors }, size, minScore) => {
  return ([grid]) => {
    const cells = Math.round(Math.sqrt(grid.length / (anchors.length * valuesPerAnchor)));
    const cell = size / cells;
    const faces: Face[] = [];
    for (let i = 0; i < cells * cells * anchors.length; i++) {
      const [x = 0, y = 0, w = 0, h = 0, logit = 0] = grid.subarray(i * valuesPerAnchor, (i + 1) * valuesPerAnchor);
      const score = logistic(logit);
      if (score < minScore) continue;
      const index = Math.floor(i / anchors.length);
      const [anchorWidth, anchorHeight] = anchors[i % anchors.length] as [number, number];
      const [width, height] = [Math.exp(w) * anchorWidth * cell, Math.exp(h) * anchorHeight * cell];
      const centre = {
        x: ((index % cells) + logistic(x)) * cell,
        y: (Math.floor(index / cells) + logistic(y)) * cell,
      };
      faces.push({ score, box: boxAround(centre, width, height), roll: 0 });
    }
    return suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > suppressionThreshold);
  };
};
