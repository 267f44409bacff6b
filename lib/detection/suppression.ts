import { intersectionOverUnion } from '../core/overlap.ts';
import type { Face, Keypoints, Point } from '../core/types.ts';

/** A candidate of a detector with keypoints. */
export type KeypointCandidate = Pick<Face, 'box' | 'score'> & { keypoints: Keypoints };

/**
 * Non-maximum suppression: keeps the strongest of faces that overlap.
 *
 * @param overlaps whether two detections are of one face.
 * @param strength of a face. Default: its score.
 * @returns the faces kept, strongest first.
 */
export function suppress<F extends Face>(
  faces: readonly F[],
  overlaps: (a: Face, b: Face) => boolean,
  strength: (face: Face) => number = ({ score }) => score,
): F[] {
  const kept: F[] = [];
  for (const face of [...faces].sort((a, b) => strength(b) - strength(a))) {
    if (!kept.some((stronger) => overlaps(stronger, face))) kept.push(face);
  }
  return kept;
}

/**
 * Weighted non-maximum suppression (BlazeFace paper, arXiv 1907.05047, section 4): keeps the strongest of candidates
 * that overlap, with the score-weighted mean of the boxes and keypoints of those that overlap it closely. MediaPipe's
 * NonMaxSuppressionCalculator uses one threshold for both, which merges two heads side by side into one between them.
 *
 * @param suppressionThreshold candidates whose intersection over union with the strongest is larger are suppressed.
 * @param blendingThreshold candidates whose intersection over union with the strongest is larger contribute to the
 *   mean.
 * @returns the blended candidates, strongest first.
 */
export function blend(
  candidates: readonly KeypointCandidate[],
  suppressionThreshold: number,
  blendingThreshold: number,
): KeypointCandidate[] {
  const blended: KeypointCandidate[] = [];
  let rest = byScore(candidates);
  for (let strongest = rest[0]; strongest; strongest = rest[0]) {
    const { box, score } = strongest;
    const overlap = new Map(rest.map((face) => [face, face === strongest ? 1 : intersectionOverUnion(face.box, box)]));
    const above = (threshold: number) => rest.filter((face) => (overlap.get(face) as number) > threshold);
    blended.push(weightedMean(above(blendingThreshold), score));
    const same = above(suppressionThreshold);
    rest = rest.filter((face) => !same.includes(face));
  }
  return blended;
}

/** A copy of the list, sorted by descending score. */
export function byScore<F extends Pick<Face, 'score'>>(faces: readonly F[]): F[] {
  return [...faces].sort((a, b) => b.score - a.score);
}

function weightedMean(group: readonly KeypointCandidate[], score: number): KeypointCandidate {
  const total = group.reduce((sum, face) => sum + face.score, 0);
  const mean = (of: (face: KeypointCandidate) => number) =>
    group.reduce((sum, face) => sum + of(face) * face.score, 0) / total;
  const point = (of: (keypoints: Keypoints) => Point): Point => ({
    x: mean((face) => of(face.keypoints).x),
    y: mean((face) => of(face.keypoints).y),
  });
  return {
    score,
    box: {
      x: mean((face) => face.box.x),
      y: mean((face) => face.box.y),
      width: mean((face) => face.box.width),
      height: mean((face) => face.box.height),
    },
    keypoints: {
      rightEye: point((points) => points.rightEye),
      leftEye: point((points) => points.leftEye),
      noseTip: point((points) => points.noseTip),
      mouth: point((points) => points.mouth),
      rightEar: point((points) => points.rightEar),
      leftEar: point((points) => points.leftEar),
    },
  };
}
