import type { Box, Face, Keypoints, Point } from '../core/types.ts';

/** A candidate of a detector that has keypoints. */
export type KeypointCandidate = Pick<Face, 'box' | 'score'> & { keypoints: Keypoints };

/** The share of two boxes' union that both cover: 0 (apart) to 1 (the same). */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = intersection(a, b);
  return shared === 0 ? 0 : shared / (a.width * a.height + b.width * b.height - shared);
}

/** The share of the smaller box that the other covers: 0 to 1. */
export function intersectionOverSmaller(a: Box, b: Box): number {
  const shared = intersection(a, b);
  return shared === 0 ? 0 : shared / Math.min(a.width * a.height, b.width * b.height);
}

function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * Non-maximum suppression: of faces that overlap, only the strongest stays.
 *
 * @param overlaps tells whether two faces are taken for one.
 * @returns the faces that stay, strongest first.
 */
export function suppress(faces: readonly Face[], overlaps: (a: Face, b: Face) => boolean): Face[] {
  const kept: Face[] = [];
  for (const face of byScore(faces)) {
    if (!kept.some((stronger) => overlaps(stronger, face))) kept.push(face);
  }
  return kept;
}

/**
 * Weighted non-maximum suppression: of candidates that overlap the strongest stays, and those that all but cover it steady
 * its box and keypoints: they become the mean of theirs by score. (BlazeFace paper, arXiv 1907.05047, section 4; MediaPipe's
 * NonMaxSuppressionCalculator with the WEIGHTED algorithm takes one threshold for both, which melts two heads that lean
 * against each other into one between them.)
 *
 * @param overlapping the intersection over union from which two are taken for one face.
 * @param covering the one from which a candidate takes part in the mean.
 * @returns the blended candidates, strongest first.
 */
export function blend(
  candidates: readonly KeypointCandidate[],
  overlapping: number,
  covering: number,
): KeypointCandidate[] {
  const blended: KeypointCandidate[] = [];
  let rest = byScore(candidates);
  for (let strongest = rest[0]; strongest; strongest = rest[0]) {
    const { box, score } = strongest;
    const shared = new Map(rest.map((face) => [face, face === strongest ? 1 : intersectionOverUnion(face.box, box)]));
    const above = (threshold: number) => rest.filter((face) => (shared.get(face) as number) > threshold);
    blended.push(weightedMean(above(covering), score));
    const same = above(overlapping);
    rest = rest.filter((face) => !same.includes(face));
  }
  return blended;
}

/** The strongest first. */
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
