import { boxAround, logistic } from '../../core/math.ts';
import type { Face, Point } from '../../core/types.ts';
import { direction } from '../../image/affine.ts';
import type { BlazeFaceGrids } from '../../models/manifest.ts';
import type { Decoder } from '../detector.ts';
import { blend, type KeypointCandidate } from '../suppression.ts';

/** How much two candidates must overlap to be one face (MediaPipe's face detection graphs), and to place it together. */
const overlapping = 0.3;
const covering = 0.5;

/** BlazeFace (arXiv 1907.05047): offsets to anchors, which are the centres of grids of cells. */
export const blazeFaceDecoder: Decoder<'blazeface'> = ({ grids }, size, leastScore) => {
  const anchors = anchorCentres(grids, size);
  return ([regressors, logits]) => {
    const candidates = anchors.flatMap((centre, i) => {
      const score = logistic(logits[i] as number);
      return score < leastScore ? [] : [decode(regressors.subarray(i * 16, i * 16 + 16), centre, score)];
    });
    return blend(candidates, overlapping, covering).map(withRoll);
  };
};

/** A face, rolled as its line of eyes is. */
export function withRoll(candidate: KeypointCandidate): Face {
  return { ...candidate, roll: direction(candidate.keypoints.rightEye, candidate.keypoints.leftEye) };
}

/** The centres of the anchors in input pixels, in the order of the network's outputs (MediaPipe's SsdAnchorsCalculator). */
export function anchorCentres(grids: BlazeFaceGrids, size: number): Point[] {
  const centres: Point[] = [];
  for (const { stride, perCell } of grids) {
    const cells = Math.ceil(size / stride);
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (let i = 0; i < perCell; i++) centres.push({ x: (column + 0.5) * stride, y: (row + 0.5) * stride });
      }
    }
  }
  return centres;
}

/** A candidate from its 16 offsets to the anchor, in input pixels: box centre, box size, then the six keypoints. */
function decode(values: Float32Array, centre: Point, score: number): KeypointCandidate {
  const point = (i: number): Point => ({
    x: centre.x + (values[i] as number),
    y: centre.y + (values[i + 1] as number),
  });
  return {
    score,
    box: boxAround(point(0), values[2] as number, values[3] as number),
    keypoints: {
      rightEye: point(4),
      leftEye: point(6),
      noseTip: point(8),
      mouth: point(10),
      rightEar: point(12),
      leftEar: point(14),
    },
  };
}
