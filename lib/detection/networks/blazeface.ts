import { boxAround, logistic } from '../../core/math.ts';
import type { Face, Keypoints, Point } from '../../core/types.ts';
import { direction } from '../../image/affine.ts';
import type { BlazeFaceGrids } from '../../models/manifest.ts';
import type { Decoder } from '../detector.ts';
import { blend, type Candidate } from '../suppression.ts';

/** A candidate with the six keypoints. */
type KeypointCandidate = Candidate & { keypoints: Keypoints };

/** Candidates whose intersection over union is larger are one face (MediaPipe's face detection graphs). */
const suppressionThreshold = 0.3;

/** Candidates whose intersection over union with the strongest is larger are averaged with it. */
const blendingThreshold = 0.5;

/** Decodes BlazeFace (arXiv 1907.05047): the network outputs offsets to anchors, the centres of the cells of grids. */
export const blazeFaceDecoder: Decoder<'blazeface'> = ({ grids }, size, minScore) => {
  const anchors = anchorCentres(grids, size);
  return ([regressors, logits]) => {
    const candidates = anchors.flatMap((centre, i) => {
      const score = logistic(logits[i] as number);
      return score < minScore ? [] : [decode(regressors.subarray(i * 16, i * 16 + 16), centre, score)];
    });
    return blend(candidates, suppressionThreshold, blendingThreshold).map(withRoll);
  };
};

/** Adds the roll: the direction of the line from the right to the left eye. */
export function withRoll(candidate: KeypointCandidate): Face {
  return { ...candidate, roll: direction(candidate.keypoints.rightEye, candidate.keypoints.leftEye) };
}

/**
 * The centres of the anchors, in the order of the network's outputs (MediaPipe's SsdAnchorsCalculator).
 *
 * @param size the side of the input, in pixels.
 * @returns positions in input pixels.
 */
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

/**
 * Decodes the 16 values of an anchor, in input pixels: offset of the box centre, box size, offsets of the six
 * keypoints.
 */
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
